/** The looks of the reference page: the tokens of Trellis's pages, light and dark. */
export const referenceStyle = `:root {
  color-scheme: light dark;
  --background: light-dark(#faf9f6, #141413);
  --surface: light-dark(#fff, #1b1b19);
  --sunken: light-dark(#f3f1ec, #242321);
  --line: light-dark(#e8e4dc, #302e2b);
  --edge: light-dark(#8d877b, #7d776d);
  --text: light-dark(#1c1a17, #f2f0eb);
  --second: light-dark(#615c52, #aca69b);
  --accent: light-dark(#2350d2, #93b0ff);
  --soft: light-dark(#e8eefd, #20294a);
  --danger: light-dark(#b3261e, #ff9d92);
  --good: light-dark(#176b45, #74d3a3);
  --sans: "Geist Variable", Geist, ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
  --mono: "Geist Mono Variable", "Geist Mono", ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace;
  --ease: 120ms cubic-bezier(.2, .8, .2, 1);
}
* { box-sizing: border-box; }
[hidden] { display: none !important; }
html { scroll-padding-top: 72px; -webkit-text-size-adjust: 100%; }
body {
  margin: 0; background: var(--background); color: var(--text);
  font: 400 .875rem/1.5 var(--sans); font-variant-numeric: tabular-nums; -webkit-font-smoothing: antialiased;
}
code, pre, kbd { font-family: var(--mono); font-size: .8125rem; }
a { color: var(--accent); }
h1, h2, h3, p, ul, dl, dd, pre { margin: 0; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 6px; }
.skip { position: absolute; left: 16px; top: -64px; z-index: 2; padding: 8px 12px; border-radius: 8px; background: var(--surface); }
.skip:focus { top: 8px; }

.bar {
  position: sticky; top: 0; z-index: 1; display: flex; align-items: center; gap: 12px; height: 56px; padding: 0 24px;
  border-bottom: 1px solid var(--line); background: var(--background);
}
.product { font-weight: 600; letter-spacing: -.01em; white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
.slash { color: var(--line); }
.here { color: var(--second); white-space: nowrap; }
.raw { margin-left: auto; font-family: var(--mono); font-size: .8125rem; text-decoration: none; }
.raw:hover { text-decoration: underline; }

.page { display: grid; grid-template-columns: 184px minmax(0, 1fr); gap: 48px; max-width: 1104px; margin: 0 auto; padding: 0 24px 96px; }
main { grid-column: 2; grid-row: 1; min-width: 0; padding-top: 48px; }
nav { grid-column: 1; grid-row: 1; position: sticky; top: 56px; align-self: start; max-height: calc(100vh - 56px); overflow: auto; padding: 56px 4px 24px 0; }
nav h3 { margin: 0 0 4px; padding: 0 8px; font-size: .75rem; font-weight: 500; color: var(--second); }
nav ul { list-style: none; padding: 0; margin: 0 0 24px; }
nav a { display: block; padding: 4px 8px; border-radius: 6px; color: var(--text); text-decoration: none; overflow-wrap: anywhere; transition: background var(--ease); }
nav a:hover { background: var(--sunken); }

h1 { font-size: 1.75rem; line-height: 1.2; font-weight: 600; letter-spacing: -.025em; }
.lead { max-width: 68ch; margin-top: 8px; color: var(--second); text-wrap: pretty; }
.find { position: relative; margin-top: 24px; }
.find svg { position: absolute; left: 16px; top: 18px; width: 20px; height: 20px; fill: none; stroke: var(--second); stroke-width: 2; stroke-linecap: round; }
.find input {
  width: 100%; height: 56px; padding: 0 56px 0 48px; border: 1px solid var(--edge); border-radius: 12px;
  background: var(--surface); color: var(--text); font: inherit; font-size: 1rem; appearance: none;
}
.find input::placeholder { color: var(--second); opacity: 1; }
.find input::-webkit-search-cancel-button { display: none; }
.find input:focus-visible { outline-offset: -1px; border-radius: 12px; }
.find kbd { position: absolute; right: 16px; top: 17px; padding: 1px 8px; border: 1px solid var(--line); border-radius: 6px; color: var(--second); }
.found { min-height: 20px; margin-top: 8px; font-size: .8125rem; color: var(--second); }

section { margin-top: 24px; }
section + section { margin-top: 48px; }
h2 { font-size: 1rem; font-weight: 600; letter-spacing: -.01em; }
.count { margin-left: 4px; font-weight: 400; color: var(--second); }
.list { margin-top: 12px; border: 1px solid var(--line); border-radius: 12px; background: var(--surface); overflow: clip; }
details.route + details.route { border-top: 1px solid var(--line); }
.route > summary {
  display: grid; grid-template-columns: 64px minmax(0, 1fr) auto 8px; align-items: center; gap: 12px; min-height: 60px;
  padding: 8px 16px; cursor: pointer; list-style: none; transition: background var(--ease);
}
.route > summary::-webkit-details-marker { display: none; }
.route > summary::after {
  content: ""; width: 7px; height: 7px; border: solid var(--edge); border-width: 0 1.5px 1.5px 0;
  transform: translateY(-2px) rotate(45deg); transition: transform var(--ease);
}
.route[open] > summary::after { transform: translateY(2px) rotate(225deg); }
.route > summary:hover { background: var(--sunken); }
.route > summary:focus-visible { outline-offset: -3px; border-radius: 11px; }
.method { font: 600 .75rem var(--mono); color: var(--second); }
.method.post, .method.put, .method.patch { color: var(--accent); }
.method.delete { color: var(--danger); }
.address code { font-size: .875rem; color: var(--second); overflow-wrap: anywhere; }
.address b { font-weight: 600; color: var(--text); }
.says { display: block; font-size: .875rem; color: var(--text); }
.says code { font-size: .8125rem; color: inherit; }
.who { font-size: .8125rem; color: var(--second); text-align: right; }

.detail { padding: 4px 16px 24px 92px; }
.detail h3 { margin: 24px 0 8px; font-size: .8125rem; font-weight: 600; }
.detail > h3:first-child { margin-top: 8px; }
.note, .notes { color: var(--second); font-size: .8125rem; }
.note { margin-bottom: 8px; }
.fields + .note, .copyable + .note { margin-top: 8px; }
.status { font: 500 .8125rem var(--mono); }
.good { color: var(--good); }
.bad { color: var(--danger); }
.fields { border-top: 1px solid var(--line); }
.fields > div { display: grid; grid-template-columns: minmax(0, 2fr) minmax(0, 3fr); gap: 4px 24px; padding: 8px 0; border-bottom: 1px solid var(--line); }
.fields dt { overflow-wrap: anywhere; }
.aside { margin-left: 8px; font-size: .75rem; color: var(--second); white-space: nowrap; }
.type { font: .8125rem var(--mono); overflow-wrap: anywhere; }
dd .notes { display: block; overflow-wrap: anywhere; }
.common { margin-top: 8px; }
.common summary { padding: 6px 0; color: var(--second); font-size: .8125rem; cursor: pointer; }
.common summary:hover { color: var(--text); }
.copyable { position: relative; border-radius: 8px; background: var(--sunken); }
.copyable pre { padding: 12px 88px 12px 16px; overflow-x: auto; line-height: 1.6; border-radius: 8px; }
button {
  min-height: 36px; padding: 0 12px; border: 1px solid var(--line); border-radius: 8px; background: var(--surface);
  color: var(--text); font: 500 .8125rem var(--sans); cursor: pointer; transition: border-color var(--ease);
}
button:hover { border-color: var(--edge); }
.copy { position: absolute; right: 8px; top: 8px; min-width: 72px; }
.nothing { margin-top: 24px; padding: 48px 24px; border: 1px solid var(--line); border-radius: 12px; background: var(--surface); text-align: center; overflow-wrap: anywhere; }
.nothing button { margin-top: 12px; }

@media (pointer: coarse) {
  button { min-height: 44px; }
  .common summary { padding: 12px 0; }
  nav a { padding: 11px 8px; }
}
@media (max-width: 860px) {
  .page { display: block; padding: 0 16px 64px; }
  .bar { padding: 0 16px; }
  nav { display: none; }
  main { padding-top: 32px; }
  .detail { padding: 4px 16px 24px; }
}
@media (max-width: 560px) {
  .here, .slash { display: none; }
  .find kbd { display: none; }
  .find input { padding-right: 16px; }
  .route > summary { grid-template-columns: minmax(0, 1fr) auto 8px; gap: 2px 12px; padding: 12px 16px; }
  .address { grid-column: 1 / -1; grid-row: 2; }
  .fields > div { grid-template-columns: minmax(0, 1fr); }
  .copyable pre { padding: 12px 16px 60px; }
  .copy { top: auto; bottom: 8px; }
}
@media (prefers-reduced-motion: reduce) {
  * { transition: none !important; }
}
@media print {
  .bar, .find, .copy, nav { display: none; }
  .page { display: block; }
}
`;
