/** What all cards share, and article, order and receipt. */

export const cards = `
.card {
  width: calc(100% + 22px); margin-top: 6px; border: 1px solid var(--line); border-radius: 16px; background: var(--card); color: var(--ink);
  font-size: 14px; line-height: 1.45; overflow-wrap: anywhere; animation: arrive .3s var(--ease);
}
.card-mark { display: grid; place-items: center; flex: none; width: 36px; height: 36px; border-radius: 11px; background: var(--accent-veil); color: var(--accent-ink); font-size: 16px; }
.card-mark.done { border-radius: 50%; }
.row:not(.last):has(> .card, > .judged) { margin-bottom: 12px; }

.article { display: flex; align-items: center; gap: 12px; padding: 12px 14px 12px 12px; text-decoration: none; transition: border-color .15s, background .15s; }
a.article:hover { border-color: color-mix(in oklab, var(--accent-ink) 50%, var(--line)); background: color-mix(in oklab, var(--accent) 4%, var(--card)); }
.article-words { flex: 1; min-width: 0; display: flex; flex-direction: column; }
.article-words .quiet { font-size: 12.5px; }
.article > .icon { color: var(--ink-quiet); font-size: 14px; }

.pages { margin-top: 8px; font-size: 13px; }
.pages ul { display: flex; flex-wrap: wrap; gap: 6px; margin: 4px 0 0; padding: 0; list-style: none; }
.pages:not(:has(.quiet)) ul { margin-top: 0; }
.page { display: inline-flex; align-items: center; min-height: 28px; padding: 2px 12px; border: 1px solid var(--line-strong); border-radius: 14px; color: var(--accent-ink); text-decoration: none; transition: border-color .15s; }
.page:hover { border-color: var(--accent-ink); text-decoration: underline; }
.judging { display: flex; align-items: center; gap: 6px; margin-top: 8px; font-size: 13px; }
.judging > span { margin-inline-end: 4px; }
.judge { min-width: 44px; min-height: 28px; padding: 2px 12px; border: 1px solid var(--line-strong); border-radius: 14px; font-size: 13px; transition: background .15s, border-color .15s; }
.judge:hover { border-color: var(--accent-ink); }
.judge[aria-pressed="true"] { border-color: var(--accent-ink); background: var(--accent-veil); color: var(--accent-ink); font-weight: 600; }
.judged { width: 100%; }
.judged > p { margin-top: 6px; font-size: 13px; }
.judged > p:empty { display: none; }

.order > * { padding-inline: 16px; }
.order header { display: flex; align-items: flex-start; justify-content: space-between; gap: 10px; padding-block: 14px 0; }
.order header strong { white-space: nowrap; }
.order header div { display: flex; flex-direction: column; }
.order header .quiet { font-size: 12.5px; }
.status { flex: none; max-width: 55%; padding: 3px 10px; border-radius: 11px; background: var(--accent-veil); color: var(--accent-ink); font-size: 12px; line-height: 16px; font-weight: 600; text-align: center; }
.status-ended { background: var(--bubble); color: var(--ink-quiet); }

.journey { display: flex; padding-block: 18px 16px; padding-inline: 4px !important; }
.journey li { position: relative; flex: 1; display: flex; flex-direction: column; align-items: center; gap: 7px; min-width: 0; }
.journey li + li::before { content: ""; position: absolute; top: 9px; right: calc(50% + 13px); left: calc(-50% + 13px); height: 2px; border-radius: 1px; background: var(--line); }
.journey li:is(.done, .current) + li:is(.done, .current)::before { background: var(--accent-ink); }
.station { display: grid; place-items: center; width: 20px; height: 20px; border-radius: 50%; border: 2px solid var(--line); color: var(--card); font-size: 11px; }
.station .icon { stroke-width: 3; }
.done .station { background: var(--accent-ink); border-color: var(--accent-ink); }
.current .station { border-color: var(--accent-ink); box-shadow: inset 0 0 0 3px var(--card), inset 0 0 0 10px var(--accent-ink), 0 0 0 4px color-mix(in oklab, var(--accent-ink) 16%, transparent); }
.stopped .done[aria-current] .station { background: var(--ink-quiet); border-color: var(--ink-quiet); color: var(--card); }
.stopped li + li::before { background: var(--line) !important; }
.station-name { font-size: 11px; line-height: 14px; letter-spacing: -.01em; color: var(--ink-quiet); text-align: center; }
[aria-current] .station-name { color: var(--ink); font-weight: 600; }

.shipment { display: flex; flex-wrap: wrap; align-items: center; gap: 10px 12px; padding-block: 12px; border-top: 1px solid var(--line); }
.shipment > div { flex: 1; min-width: 120px; display: flex; flex-direction: column; }
.shipment .quiet { font-size: 12.5px; }
.button { display: flex; align-items: center; justify-content: center; flex: 1 0 100%; min-height: 40px; padding: 0 16px; border-radius: 12px; background: var(--accent); color: var(--on-accent); font-size: 14px; font-weight: 600; text-decoration: none; transition: filter .15s; }
.button:hover { filter: brightness(1.08); }

.lines { padding-block: 10px; border-top: 1px solid var(--line); }
.lines li, .total { display: flex; gap: 8px; padding-block: 3px; }
.lines li > :nth-child(2), .total > :first-child { flex: 1; }
.lines :is(li > :last-child, .total > :last-child) { font-variant-numeric: tabular-nums; white-space: nowrap; }
.total { margin-top: 6px; padding-top: 9px; border-top: 1px dashed var(--line); font-weight: 600; }

.receipt header { display: flex; align-items: center; gap: 12px; padding: 14px 16px 10px; }
.receipt dl { padding: 0 16px 12px; }
.receipt dl div { display: flex; justify-content: space-between; gap: 16px; padding-block: 3px; }
.receipt dt { flex: none; max-width: 45%; color: var(--ink-quiet); }
.receipt dd { text-align: right; font-variant-numeric: tabular-nums; }
.receipt footer { position: relative; display: flex; justify-content: space-between; align-items: baseline; gap: 12px; padding: 12px 16px 13px; font-size: 12.5px; color: var(--ink-quiet); }
.perforation { position: absolute; inset: 0 0 auto; stroke: var(--line-strong); opacity: .6; stroke-width: 1.5; }
.receipt code { font: 500 12.5px/1.4 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; color: var(--ink); letter-spacing: .02em; }
@media (max-width: 520px) { .card { width: calc(100% + 60px); margin-left: -38px; } }
`;
