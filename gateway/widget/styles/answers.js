/** Cards to choose from or to compare: orders, products, days. */

export const answers = `
.orders > li + li { border-top: 1px solid var(--line); }
.orders-row {
  display: grid; grid-template-columns: minmax(0, 1fr) auto 14px; align-items: center; gap: 3px 12px; width: 100%; padding: 11px 14px 12px 16px; text-align: left; line-height: 1.4;
}
div.orders-row { grid-template-columns: minmax(0, 1fr) auto; padding-right: 16px; }
.orders > li:first-child .orders-row { border-radius: 15px 15px 0 0; }
.orders > li:last-child .orders-row { border-radius: 0 0 15px 15px; }
.orders > li:only-child .orders-row { border-radius: 15px; }
button.orders-row { transition: background .15s; }
button.orders-row:hover { background: var(--accent-veil); }
button.orders-row:focus-visible { outline-offset: -3px; }
.orders-row > span:not(.status) { display: flex; flex-direction: column; }
.orders-row .quiet { font-size: 12.5px; }
.orders-row strong { white-space: nowrap; }
.orders-sum { align-items: flex-end; font-variant-numeric: tabular-nums; white-space: nowrap; }
.orders-row .status { grid-area: 2 / 1 / auto / 3; justify-self: start; max-width: 100%; }
.orders-row > .icon { grid-area: 1 / 3 / 3 / auto; color: var(--ink-quiet); font-size: 14px; }

.product { padding: 14px 16px 12px; }
.product-head { display: flex; align-items: baseline; justify-content: space-between; gap: 2px 12px; }
.product .price { font-weight: 600; font-variant-numeric: tabular-nums; white-space: nowrap; }
.product > p { font-size: 13.5px; padding-top: 3px; }
.options { margin-top: 10px; padding-top: 8px; border-top: 1px solid var(--line); }
.options:empty { display: none; }
.option { display: grid; grid-template-columns: 14px minmax(0, 1fr) auto; align-items: baseline; gap: 0 8px; padding-block: 3px; }
.option .icon { align-self: center; font-size: 12px; stroke-width: 2.4; color: var(--good-ink); }
.option-stock::first-letter { text-transform: uppercase; }
.option-stock { display: inline-block; font-size: 12.5px; color: var(--ink-quiet); text-align: right; }
.gone .icon, .gone .option-name { color: var(--ink-quiet); }
.gone .option-name { text-decoration: line-through; text-decoration-color: var(--line-strong); }
.more { min-height: 36px; padding: 0 22px; color: var(--accent-ink); font-weight: 600; font-size: 13.5px; text-decoration: underline; text-underline-offset: 3px; }
.product > .button { margin-top: 10px; }

.comparison { width: calc(100% + 60px); margin-left: -38px; overflow: hidden; }
.comparison.many { overflow-x: auto; scrollbar-width: thin; scrollbar-color: var(--line-strong) transparent; }
.comparison:focus-visible { outline-offset: -2px; }
.comparison-columns { display: grid; grid: auto auto auto auto / auto-flow minmax(0, 1fr); }
.many .comparison-columns { grid-auto-columns: 158px; }
.comparison .product { display: grid; grid-template-rows: subgrid; grid-row: span 4; align-content: start; padding: 14px 14px 12px; }
.comparison .product + .product { border-left: 1px solid var(--line); }
.comparison .product-head { flex-direction: column; grid-row: 1; }
.comparison .product > p { grid-row: 2; }
.comparison .options { grid-row: 3; }
.comparison .button { grid-row: 4; }
.comparison .option { grid-template-columns: 14px minmax(0, 1fr); }
.comparison .more { padding: 0 0 0 22px; text-align: left; }
.comparison .option-stock { grid-column: 2; text-align: left; line-height: 1.35; }

.day-picker { padding: 13px 16px 15px; }
fieldset { border: 0; margin: 0; padding: 0; min-width: 0; }
.day-picker label { font-weight: 600; }
.day-picker .quiet { font-size: 12.5px; }
.day-line { display: flex; flex-wrap: wrap; gap: 8px; margin-top: 9px; }
input[type="date"] {
  flex: 1 1 136px; min-width: 0; height: 42px; margin: 0; padding: 0 10px 0 13px; border: 1px solid var(--line-strong); border-radius: 12px; background: var(--ground); color: var(--ink);
  font: inherit; font-variant-numeric: tabular-nums; appearance: none;
}
input[type="date"]:focus { border-color: var(--accent-ink); box-shadow: 0 0 0 3px color-mix(in oklab, var(--accent) 22%, transparent); outline: none; }
input[type="date"][aria-invalid="true"] { border-color: var(--bad); }
.day-line .button { flex: 0 1 auto; min-height: 42px; padding: 0 15px; }
.problem:not(:empty) { display: flex; align-items: center; gap: 6px; margin-top: 8px; color: var(--bad); font-size: 13px; }
fieldset:disabled { opacity: 1; }
fieldset:disabled :is(label, input) { color: var(--ink-quiet); }
fieldset:disabled input { background: var(--bubble); border-color: var(--line); }
fieldset:disabled .button { display: none; }

@media (max-width: 520px) {
  .comparison-columns, .many .comparison-columns { display: block; }
  .comparison .product { display: block; }
  .comparison .product + .product { border-left: 0; border-top: 1px solid var(--line); }
  .comparison .product-head { flex-direction: row; }
  .comparison .option { grid-template-columns: 14px minmax(0, 1fr) auto; }
  .comparison .option-stock { grid-column: auto; text-align: right; }
  input[type="date"] { font-size: 16px; height: 46px; }
  .day-line .button { min-height: 46px; }
  .more { min-height: 44px; }
}
`;
