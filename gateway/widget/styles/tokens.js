/** Colours, type and measures, for light and dark surroundings; everything else only names these. */

export const tokens = `
:host {
  --accent: light-dark(var(--accent-light, #2f5d50), var(--accent-dark, #4d8272));
  --on-accent: light-dark(var(--on-accent-light, #fff), var(--on-accent-dark, #fff));
  --accent-ink: light-dark(var(--accent-ink-light, #2f5d50), var(--accent-ink-dark, #9fd0bf));
  --accent-veil: light-dark(oklch(from var(--accent) .947 calc(c * .32) h), oklch(from var(--accent) .315 calc(c * .34) h));
  --accent-veil-strong: light-dark(oklch(from var(--accent) .905 calc(c * .55) h), oklch(from var(--accent) .37 calc(c * .4) h));
  --surface: light-dark(#ffffff, #1d2320);
  --ground: light-dark(#fbfaf7, #161a18);
  --bubble: light-dark(#f1efe9, #272e2a);
  --card: light-dark(#ffffff, #202623);
  --ink: light-dark(#1d2421, #edf1ee);
  --ink-quiet: light-dark(#5a635e, #a9b3ad);
  --line: light-dark(#e7e3da, #353d38);
  --line-strong: light-dark(#8a918c, #78827c);
  --good: light-dark(#2f9a64, #7fcfa6);
  --good-ink: light-dark(#1e7a4c, #7fcfa6);
  --warm: light-dark(#8a5a12, #e8bd78);
  --warm-veil: light-dark(#fbf1dd, #352b1a);
  --bad: light-dark(#a8322a, #ff9c92);
  --shadow: 0 1px 2px rgb(20 30 25 / 6%), 0 8px 20px -6px rgb(20 30 25 / 12%), 0 28px 64px -16px rgb(20 30 25 / 26%);
  --radius: 20px;
  --font: ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
  --ease: cubic-bezier(.2, .8, .2, 1);
  all: initial;
  color-scheme: light dark;
  position: fixed;
  z-index: 2147483000;
  inset: auto 0 0 auto;
  color: var(--ink);
  font: 400 15px/1.5 var(--font);
  -webkit-text-size-adjust: 100%;
  text-size-adjust: 100%;
  -webkit-font-smoothing: antialiased;
}
:host([theme="light"]) { color-scheme: light; }
:host([theme="dark"]) { color-scheme: dark; }
@media print { :host { display: none; } }

*, *::before, *::after { box-sizing: border-box; }
[hidden] { display: none !important; }
h2, p, ol, ul, dl, dd { margin: 0; padding: 0; list-style: none; font: inherit; }
button, input, textarea { font: inherit; color: inherit; letter-spacing: inherit; }
button { border: 0; background: none; padding: 0; cursor: pointer; -webkit-tap-highlight-color: transparent; touch-action: manipulation; }
button:disabled { cursor: default; }
strong { font-weight: 600; }
:focus { outline: none; }
:focus-visible { outline: 2px solid var(--accent-ink); outline-offset: 2px; }
.icon { width: 1.25em; height: 1.25em; flex: none; fill: none; stroke: currentColor; stroke-width: 1.6; stroke-linecap: round; stroke-linejoin: round; }
.quiet { color: var(--ink-quiet); }
.spoken { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }

@media (prefers-reduced-motion: reduce) {
  *, *::before, *::after { animation: none !important; transition: none !important; scroll-behavior: auto !important; }
}
`;
