/** Launcher, panel, header, banner and composer. */

export const panel = `
.launcher {
  position: fixed; right: max(20px, env(safe-area-inset-right)); bottom: max(20px, env(safe-area-inset-bottom));
  display: flex; align-items: center; gap: 10px; min-width: 60px; height: 60px; border-radius: 30px;
  background: var(--accent); color: var(--on-accent); box-shadow: 0 0 0 2px light-dark(rgb(255 255 255 / 80%), rgb(255 255 255 / 16%)), var(--shadow);
  transition: transform .2s var(--ease), filter .2s;
}
.launcher.worded { padding-right: 24px; }
.launcher:hover { filter: brightness(1.08); transform: translateY(-1px); }
.launcher:active { transform: scale(.96); }
.launcher:focus-visible { outline-offset: 3px; }
.launcher-icons { position: relative; width: 60px; height: 60px; flex: none; }
.launcher.worded .launcher-icons { width: 26px; margin-left: 20px; }
.launcher-icons .icon { position: absolute; inset: 0; margin: auto; width: 28px; height: 28px; transition: transform .25s var(--ease), opacity .2s; }
.launcher-icons .icon-down { opacity: 0; transform: rotate(-60deg) scale(.7); }
:host([open]) .launcher-icons .icon-chat { opacity: 0; transform: rotate(60deg) scale(.7); }
:host([open]) .launcher-icons .icon-down { opacity: 1; transform: none; }
.launcher-words { font-weight: 600; }
.badge {
  position: absolute; top: -3px; right: -3px; min-width: 23px; height: 23px; padding: 0 6px; border-radius: 12px;
  background: #b3261e; color: #fff; border: 2px solid light-dark(#fff, #161a18);
  font-size: 12px; font-weight: 700; line-height: 19px; text-align: center; animation: arrive .3s var(--ease);
}

.panel {
  position: fixed; right: max(20px, env(safe-area-inset-right)); bottom: calc(max(20px, env(safe-area-inset-bottom)) + 74px);
  width: min(400px, calc(100vw - 40px)); height: min(640px, calc(100dvh - 114px));
  display: flex; flex-direction: column; overflow: hidden;
  background: var(--ground); border-radius: var(--radius); box-shadow: var(--shadow), 0 0 0 1px light-dark(rgb(30 40 35 / 7%), rgb(255 255 255 / 9%));
  opacity: 0; visibility: hidden; transform: translateY(14px) scale(.975); transform-origin: calc(100% - 30px) 100%;
  transition: opacity .16s, transform .26s var(--ease), visibility 0s .2s;
}
:host([open]) .panel { opacity: 1; visibility: visible; transform: none; transition-delay: 0s; }
.panel:focus-visible { outline: none; }

.head {
  display: grid; grid-template-columns: auto 1fr auto; align-items: center; gap: 2px 12px;
  padding: 16px 14px 12px 18px; background: var(--surface); border-bottom: 1px solid var(--line);
}
.mark, .portrait {
  display: grid; place-items: center; border-radius: 50%; background: var(--accent); color: var(--on-accent); font-weight: 600; user-select: none;
}
.mark { position: relative; width: 42px; height: 42px; font-size: 14px; letter-spacing: .03em; }
.mark::after {
  content: ""; position: absolute; right: -1px; bottom: -1px; width: 13px; height: 13px; border-radius: 50%;
  background: var(--good); border: 2.5px solid var(--surface); transition: background .3s;
}
.head[data-presence="waiting"] .mark::after { background: light-dark(#d18a1f, #e8bd78); animation: breathe 2s ease-in-out infinite; }
.head:is([data-presence="away"], [data-presence="closed"]) .mark::after { background: var(--line-strong); }
.head[data-presence="agent"] .status-line { color: var(--accent-ink); font-weight: 600; }
.head-words { min-width: 0; }
.head h2 { font-size: 16px; font-weight: 650; line-height: 1.3; letter-spacing: -.01em; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.status-line { font-size: 13px; line-height: 1.35; color: var(--ink-quiet); }
.quiet-button { display: grid; place-items: center; width: 44px; height: 44px; border-radius: 50%; color: var(--ink-quiet); font-size: 18px; transition: background .15s, color .15s; }
.quiet-button:hover { background: var(--bubble); color: var(--ink); }
.person {
  grid-column: 1 / -1; display: flex; align-items: center; justify-content: center; gap: 8px; min-height: 38px; margin: 11px 4px 0 0; padding: 0 14px;
  border-radius: 12px; background: var(--accent-veil); color: var(--accent-ink); font-size: 14px; font-weight: 600; transition: background .15s;
}
.person:not(:disabled):hover { background: var(--accent-veil-strong); }
.person:disabled { background: var(--bubble); color: var(--ink-quiet); font-weight: 500; }
.person .icon { font-size: 15px; }

.banner { display: flex; align-items: center; gap: 10px; background: var(--warm-veil); color: var(--warm); font-size: 13px; line-height: 1.4; }
.banner:not(:empty) { padding: 9px 18px; border-bottom: 1px solid color-mix(in oklab, var(--warm) 18%, transparent); animation: arrive .2s var(--ease); }
.banner span { flex: 1; }
.banner button { font-weight: 600; min-height: 32px; padding: 0 4px; text-decoration: underline; text-underline-offset: 3px; white-space: nowrap; }

.composer { padding: 10px 14px max(14px, env(safe-area-inset-bottom)); background: var(--surface); border-top: 1px solid var(--line); }
.field {
  display: flex; align-items: flex-end; gap: 6px; padding: 5px 5px 5px 16px; border-radius: 24px;
  background: var(--ground); border: 1px solid var(--line-strong); transition: border-color .15s, box-shadow .15s;
}
.field:focus-within { border-color: var(--accent-ink); box-shadow: 0 0 0 3px color-mix(in oklab, var(--accent) 18%, transparent); }
textarea {
  flex: 1; min-width: 0; max-height: 132px; padding: 7px 0; border: 0; background: none; resize: none;
  line-height: 22px; overflow-y: auto; scrollbar-width: thin; overflow-wrap: anywhere;
}
textarea:focus-visible { outline: none; }
textarea::placeholder { color: var(--ink-quiet); opacity: 1; }
.send { display: grid; place-items: center; flex: none; width: 36px; height: 36px; border-radius: 50%; background: var(--accent); color: var(--on-accent); font-size: 17px; transition: transform .15s var(--ease), background .2s, color .2s; }
.send .icon { stroke-width: 2; }
.send:disabled { background: var(--bubble); color: var(--ink-quiet); }
.send:not(:disabled):hover { filter: brightness(1.08); }
.send:not(:disabled):active { transform: scale(.92); }
.counter { font-size: 12px; line-height: 1.4; color: var(--ink-quiet); text-align: right; padding: 0 12px; font-variant-numeric: tabular-nums; }
.counter:not(:empty) { padding-top: 6px; }
.over .field { border-color: var(--bad); }
.over .counter { color: var(--bad); font-weight: 600; }

@keyframes arrive { from { opacity: 0; transform: translateY(4px); } }
@keyframes breathe { 50% { opacity: .45; } }

@media (max-width: 520px), (max-height: 460px) and (pointer: coarse) {
  .panel {
    inset: var(--screen-top, 0) 0 auto 0; width: 100vw; height: var(--screen-height, 100dvh); border-radius: 0; box-shadow: none;
    transform: translateY(28px);
  }
  :host([open]) .launcher { visibility: hidden; }
  .head { padding-top: max(12px, env(safe-area-inset-top)); padding-left: max(16px, env(safe-area-inset-left)); padding-right: max(10px, env(safe-area-inset-right)); }
  .person { min-height: 44px; margin-right: 6px; }
  .send { width: 40px; height: 40px; }
  textarea { font-size: 16px; padding: 9px 0; }
}
@media (max-height: 460px) {
  .head { grid-template-columns: auto 1fr auto auto; padding-block: 8px; }
  .person { grid-area: 1 / 3; margin: 0; }
}
`;
