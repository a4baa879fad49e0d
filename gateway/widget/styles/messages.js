/** The transcript: bubbles, names, days, typing, choices. */

export const messages = `
.transcript { position: relative; flex: 1; min-height: 0; }
.scroller { position: relative; height: 100%; overflow: hidden auto; overscroll-behavior: contain; padding: 4px 18px 18px; scrollbar-width: thin; scrollbar-color: var(--line) transparent; }
.scroller:focus-visible { outline-offset: -3px; }

.blank { display: grid; place-content: center; min-height: 60%; padding: 24px 20px; color: var(--ink-quiet); text-align: center; text-wrap: balance; }
.blank:has(.ghosts) { place-content: start stretch; padding: 44px 22px 0 38px; }
.ghosts { display: grid; gap: 8px; animation: arrive .3s .25s backwards; }
.ghosts i { height: 42px; border-radius: 18px; background: var(--bubble); animation: dim 1.4s ease-in-out infinite; }
.ghosts i + i { width: 62%; }
@keyframes dim { 50% { opacity: .5; } }

.day { margin: 16px 0 12px; text-align: center; font-size: 12px; font-weight: 500; color: var(--ink-quiet); }
.row { position: relative; display: flex; flex-direction: column; align-items: flex-start; padding-left: 38px; margin-top: 3px; }
.row.first { margin-top: 14px; }
.day + .row.first { margin-top: 0; }
.row.from-customer { align-items: flex-end; padding-left: 44px; }
.row:is(.from-bot, .from-agent) { padding-right: 22px; }

.bubble { position: relative; max-width: 100%; transition: background .25s, color .25s; padding: 9px 14px; border-radius: 18px; background: var(--bubble); white-space: pre-wrap; overflow-wrap: anywhere; animation: arrive .24s var(--ease); }
.bubble a { color: inherit; text-decoration: underline; text-decoration-thickness: 1px; text-underline-offset: 3px; }
.bubble a:hover { text-decoration-thickness: 2px; }
.from-bot:not(.first) .bubble, .from-agent:not(.first) .bubble { border-top-left-radius: 7px; }
.from-bot:not(.last) .bubble, .from-agent:not(.last) .bubble { border-bottom-left-radius: 7px; }
.from-customer .bubble { background: var(--accent); color: var(--on-accent); }
.from-customer:not(.first) .bubble { border-top-right-radius: 7px; }
.from-customer:not(.last) .bubble { border-bottom-right-radius: 7px; }
.from-agent .bubble { background: var(--accent-veil); }
.from-customer.is-queued .bubble { background: var(--accent-veil); color: var(--ink); box-shadow: inset 0 0 0 1px color-mix(in oklab, var(--accent-ink) 40%, transparent); }
.from-customer.is-failed .bubble { background: light-dark(#fbeceb, #3a2422); color: var(--ink); box-shadow: inset 0 0 0 1px color-mix(in oklab, var(--bad) 45%, transparent); }

.portrait { position: absolute; left: 0; top: 6px; width: 28px; height: 28px; font-size: 12px; }
.from-bot .portrait { background: var(--accent-veil); color: var(--accent-ink); }
.from-bot .portrait .icon { font-size: 14px; }
.row:not(.first) .portrait { display: none; }
.from-agent.first .portrait { top: 25px; }
.name { margin: 0 0 3px 14px; font-size: 12.5px; line-height: 16px; font-weight: 600; color: var(--accent-ink); }

.row.from-system { align-items: stretch; padding: 0 8px; margin: 16px 0 14px; }
.from-system .bubble { align-self: center; max-width: 320px; padding: 0; background: none; color: var(--ink-quiet); font-size: 13px; line-height: 1.45; text-align: center; }

.below { margin: 4px 14px 0; font-size: 11.5px; line-height: 16px; color: var(--ink-quiet); font-variant-numeric: tabular-nums; }
.below.failure { margin-right: 4px; font-size: 12.5px; color: var(--bad); }
.failure p { display: flex; align-items: center; justify-content: flex-end; gap: 6px; }
.failure .icon { font-size: 13px; }
.failure button { min-height: 30px; padding: 0 4px; font-weight: 600; text-decoration: underline; text-underline-offset: 3px; }

.typing { min-height: 0; }
.typing:empty { display: none; }
.typing { margin-top: 10px; }
.dots { display: flex; gap: 5px; padding: 14px 15px; }
.dots i { width: 7px; height: 7px; border-radius: 50%; background: var(--ink-quiet); opacity: .45; animation: dot 1.3s ease-in-out infinite; }
.dots i:nth-of-type(2) { animation-delay: .16s; }
.dots i:nth-of-type(3) { animation-delay: .32s; }
@keyframes dot { 30% { opacity: 1; transform: translateY(-3px); } 60% { opacity: .45; transform: none; } }

.choices { display: flex; flex-wrap: wrap; gap: 8px; padding: 12px 0 2px 38px; }
.choice {
  min-height: 40px; padding: 7px 16px; border-radius: 20px; background: var(--surface); color: var(--accent-ink); text-align: left; overflow-wrap: anywhere;
  border: 1px solid color-mix(in oklab, var(--accent-ink) 55%, transparent); font-size: 14px; line-height: 1.4; font-weight: 600;
  transition: background .15s, transform .15s var(--ease); animation: arrive .3s var(--ease) backwards;
}
.choice:nth-child(2) { animation-delay: 50ms; }
.choice:nth-child(n+3) { animation-delay: 100ms; }
.choice:hover { background: var(--accent-veil); }
.choice:active { transform: scale(.97); }

.to-end {
  position: absolute; left: 50%; bottom: 12px; transform: translateX(-50%); display: flex; align-items: center; gap: 6px; min-height: 36px; padding: 0 16px 0 12px;
  border-radius: 18px; background: var(--surface); color: var(--ink); border: 1px solid var(--line); box-shadow: 0 6px 20px -6px rgb(20 30 25 / 35%); font-size: 13px; font-weight: 600;
}
@media (max-width: 520px) { .choice { min-height: 44px; border-radius: 22px; } .failure button { min-height: 40px; } }
`;
