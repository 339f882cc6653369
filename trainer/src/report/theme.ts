/** Styles the page: one column of sections; tables and wide plots scroll inside their own box. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --page: #fcfcfa; --panel: #ffffff; --ink: #1b1d20; --muted: #575e66; --rule: #d8dadc; --grid: #e6e8ea;
  --found: #0a6b4d; --reference: #9a4407; --imported: #4747a8; --baseline: #5b626a; --note: #f3f1ea;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #141618; --panel: #1a1d20; --ink: #e8eaec; --muted: #a4abb3; --rule: #363b41; --grid: #2a2f34;
    --found: #52cda0; --reference: #f1a467; --imported: #aab0ff; --baseline: #9ba2aa; --note: #22262a;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body {
  margin: 0; background: var(--page); color: var(--ink); line-height: 1.5;
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, "Liberation Sans", sans-serif;
  font-variant-numeric: tabular-nums; overflow-wrap: break-word;
}
main, header, footer { max-width: 1260px; margin: 0 auto; padding: 0 20px; }
header { padding-top: 24px; }
.scope { max-width: none; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 4px; font-weight: 650; letter-spacing: -0.01em; }
h2 { font-size: 1.25rem; margin: 48px 0 8px; padding-top: 14px; border-top: 1px solid var(--rule); font-weight: 650; }
h4 { font-size: 0.875rem; margin: 18px 0 4px; }
h4 small { color: var(--muted); font-weight: 400; }
h3 { font-size: 1rem; margin: 28px 0 8px; font-weight: 650; }
p, ul, dl { max-width: 76ch; }
p { margin: 6px 0 12px; }
.scope, .hint, figcaption, caption, footer { color: var(--muted); font-size: 0.875rem; }
main > section:first-child > h2 { border-top: 0; margin-top: 22px; padding-top: 0; }
.lead { max-width: 90ch; }
.lead .hint { display: block; margin-top: 2px; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.quiet { color: var(--muted); font-weight: 400; }
.notes { color: var(--muted); font-size: 0.875rem; padding-left: 1.2em; }
table.answer { font-size: 0.9375rem; margin: 12px 0 8px; }
table.answer th, table.answer td { padding: 7px 14px 7px 0; border-bottom: 0; border-top: 1px solid var(--grid); }
table.answer thead th { border-top: 0; font-size: 0.8125rem; font-weight: 500; color: var(--muted); padding-top: 0; padding-bottom: 6px; }
table.answer tr.device th { padding-top: 14px; font-size: 1.0625rem; font-weight: 650; border-top: 0; border-bottom: 1px solid var(--rule); }
table.answer tr.device small { font-size: 0.8125rem; display: inline; margin-left: 10px; }
table.answer tr.device + tr > * { border-top: 0; }
table.answer small { font-size: 0.8125rem; }
table.answer .tag { font-weight: 400; }
table.answer thead small { font-size: 0.75rem; max-width: 15em; white-space: normal; }
table.answer .figure { font-size: 1.1875rem; font-weight: 650; margin-right: 6px; }
table.answer td[data-label="Speed-up"] { min-width: 230px; }
table.answer tr.take td { border-top: 0; padding-top: 0; padding-bottom: 14px; }
nav.home ul { margin: 0 0 22px; font-size: 0.9375rem; gap: 4px 22px; }
nav.home a[aria-current] { font-weight: 650; text-decoration: none; }
table.list { font-size: 0.875rem; }
table.list th, table.list td { padding: 9px 16px 9px 0; }
button.main { margin: 0; padding: 5px 14px; font-size: 0.875rem; }
.state { white-space: nowrap; }
.state::before { content: ""; display: inline-block; width: 8px; height: 8px; border-radius: 50%; margin-right: 7px; background: var(--baseline); }
.state.live, .state.online, .state.busy { color: var(--found); font-weight: 600; }
.state.live::before, .state.online::before, .state.busy::before { background: var(--found); }
.state.crashed, .state.failed, .state.lost { color: var(--reference); }
.state.crashed::before, .state.failed::before, .state.lost::before { background: var(--reference); border-radius: 0; }
.spark { display: block; }
.spark path { stroke: var(--found); stroke-width: 1.5; fill: none; }
.bar { display: inline-block; vertical-align: 0; }
.bar rect { fill: var(--found); fill-opacity: 0.3; }
.bar path { stroke: var(--found); stroke-width: 1.5; fill: none; }
.bar path.one { stroke: var(--baseline); }
.verdict { font-weight: 600; }
.verdict.faster { color: var(--found); }
.verdict.faster::before { content: "▲ "; }
.verdict { white-space: nowrap; }
.verdict.slightly { color: var(--found); font-weight: 400; }
.verdict.slightly::before { content: "▴ "; }
.verdict.slower::before { content: "▼ "; }
.verdict.slower, .verdict.undecided, .verdict.unclaimed, .verdict.unmeasured { color: var(--muted); font-weight: 400; }
code { font: 0.8125rem/1.5 ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace; }
code.command { color: var(--muted); overflow-wrap: anywhere; user-select: all; }
code.command::before { content: "$ "; user-select: none; }
button { font: inherit; font-size: 0.8125rem; color: inherit; background: none; border: 1px solid var(--rule); border-radius: 4px; padding: 1px 8px; margin-left: 10px; cursor: pointer; }
button:hover { border-color: var(--muted); }
button.sort { border: 0; margin: 0; padding: 0; font-weight: inherit; text-align: inherit; }
button.sort:hover { text-decoration: underline; text-underline-offset: 3px; }
th[aria-sort="ascending"] button.sort::after { content: " ↑"; }
th[aria-sort="descending"] button.sort::after { content: " ↓"; }
.filter { display: block; margin: 12px 0; font-size: 0.875rem; }
input[type="search"] { font: inherit; color: inherit; background: var(--panel); border: 1px solid var(--muted); border-radius: 4px; padding: 3px 8px; width: 22em; max-width: 100%; }
details.fold { border-top: 1px solid var(--rule); }
details.fold:last-of-type { border-bottom: 1px solid var(--rule); }
details.fold > summary { padding: 12px 0; }
details.fold > summary h2 { display: inline; border: 0; margin: 0; padding: 0; font-size: 1rem; }
details.fold > div { padding-bottom: 24px; }
details.more { margin: 0 0 20px; font-size: 0.875rem; }
td.signs a { padding: 0 2px; }
nav ul { display: flex; flex-wrap: wrap; gap: 4px 18px; padding: 0; margin: 16px 0 0; list-style: none; max-width: none; font-size: 0.875rem; }
nav.contents ul { margin-bottom: 16px; }
a { color: inherit; text-underline-offset: 3px; text-decoration-color: var(--muted); }
a:focus-visible, summary:focus-visible, button:focus-visible, input:focus-visible, pre:focus-visible, .scroll:focus-visible { outline: 2px solid var(--imported); outline-offset: 2px; }
.panels { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 344px), 1fr)); gap: 4px 28px; align-items: start; }
figure { margin: 0 0 20px; break-inside: avoid; min-width: 0; }
figcaption { margin: 0 0 4px; color: var(--ink); font-weight: 600; }
figcaption span { color: var(--muted); font-weight: 400; }
.scroll { overflow-x: auto; max-width: 100%; margin: 20px 0 28px; }
table { border-collapse: collapse; width: 100%; font-size: 0.8125rem; line-height: 1.4; }
caption { text-align: left; padding: 0 0 6px; font-weight: 600; color: var(--ink); }
caption span { font-weight: 400; color: var(--muted); }
th, td { text-align: left; vertical-align: top; padding: 7px 12px 7px 0; border-bottom: 1px solid var(--grid); }
thead th { border-bottom: 1px solid var(--muted); font-weight: 600; vertical-align: bottom; white-space: nowrap; }
tbody th { font-weight: 600; }
.number, .number small { text-align: right; white-space: nowrap; }
td small, th small { display: block; color: var(--muted); font-size: 0.75rem; font-weight: 400; }
td.own { background: var(--note); box-shadow: inset 0 -2px var(--found); }
td.absent { color: var(--muted); }
.live { font-size: 0.9375rem; margin: 10px 0 0; max-width: none; }
.live.lost { color: var(--reference); }
tr.baseline > * { background: var(--note); }
.name { min-width: 140px; }
.tag { white-space: nowrap; }
.tag.faster { color: var(--found); font-weight: 600; }
.tag.undecided { color: var(--muted); }
.tag.recommended { border: 1px solid var(--rule); border-radius: 4px; padding: 0 5px; font-size: 0.75rem; font-weight: 400; }
.tag.slower, .tag.failed { color: var(--reference); }
dl.facts { display: grid; grid-template-columns: max-content 1fr; gap: 3px 18px; font-size: 0.875rem; margin: 8px 0; max-width: none; }
dl.facts dt { color: var(--muted); }
dl.facts dd { margin: 0; min-width: 0; overflow-wrap: anywhere; }
dl.terms dt { font-weight: 600; margin-top: 10px; }
dl.terms dd { margin: 0; }
pre { overflow-x: auto; background: var(--note); padding: 10px 12px; font-size: 0.75rem; max-height: 24em; }
summary { cursor: pointer; }
footer { padding-top: 40px; padding-bottom: 40px; }
svg { display: block; max-width: 100%; height: auto; font: 11px system-ui, -apple-system, "Segoe UI", Roboto, Arial, "Liberation Sans", sans-serif; font-variant-numeric: tabular-nums; }
/* Text keeps a rim of the page's colour, so that no line runs through it. */
svg text { fill: var(--ink); stroke: var(--page); stroke-width: 3; stroke-linejoin: round; paint-order: stroke; }
svg .tick, svg .axis, svg .value { fill: var(--muted); }
svg .found { --role: var(--found); }
svg .reference { --role: var(--reference); }
svg .imported { --role: var(--imported); }
svg .baseline { --role: var(--baseline); }
svg .head { font-weight: 600; font-size: 12px; }
svg .whisker.thin { stroke-width: 1.25; stroke-opacity: 0.8; }
svg .label { fill: var(--role, var(--ink)); }
svg .grid { stroke: var(--grid); stroke-width: 1; }
svg .unity { stroke: var(--baseline); stroke-width: 1.25; }
svg .front { stroke: var(--found); stroke-width: 1.5; }
svg .whisker { stroke: var(--role); stroke-width: 2; }
svg .whisker.baseline { stroke-width: 5; stroke-opacity: 0.55; }
svg .curve { stroke: var(--role); fill: none; stroke-width: 1.75; stroke-linejoin: round; }
svg .curve.reference { stroke-dasharray: 5 3; }
svg .mark { fill: var(--role); }
svg .ring { stroke: var(--ink); stroke-width: 1.25; fill: none; }
svg .sample { stroke: var(--role); stroke-width: 1; stroke-opacity: 0.55; }
svg .box { fill: var(--role); fill-opacity: 0.22; }
svg .median { stroke: var(--role); stroke-width: 2; }
svg .run-0 { --role: var(--found); }
svg .run-1 { --role: var(--reference); }
svg .run-2 { --role: var(--imported); }
svg .run-3 { --role: var(--baseline); }
svg .curve.run-1 { stroke-dasharray: 6 3; }
svg .curve.run-2 { stroke-dasharray: 2 3; }
svg .curve.run-3 { stroke-dasharray: 8 3 2 3; }
.legend { display: flex; flex-wrap: wrap; gap: 4px 20px; padding: 0; margin: 4px 0 14px; list-style: none; font-size: 0.875rem; max-width: none; }
.legend li { display: flex; align-items: center; gap: 6px; }
.narrow { display: none; }
@media screen and (max-width: 800px) { .wide { display: none; } .narrow { display: block; } }
@media screen and (max-width: 600px) {
  main, header, footer { padding-left: 16px; padding-right: 16px; }
  header { padding-top: 24px; }
  h1 { font-size: 1.5rem; }
  dl.facts { grid-template-columns: 1fr; gap: 0; }
  dl.facts.remarks { grid-template-columns: max-content 1fr; gap: 3px 10px; }
  dl.facts dd { margin-bottom: 6px; }
  thead th, thead th.number { white-space: normal; }
}
/* A row becomes a block: its heading, then lines with the names of the columns. */
@media screen and (max-width: 860px) {
  table.cards thead { display: none; }
  table.cards, table.cards tbody, table.cards tr, table.cards td, table.cards th { display: block; width: auto; }
  table.cards th, table.cards td { padding: 2px 0; border: 0; }
  table.cards tr { padding: 8px 0; border-top: 1px solid var(--grid); }
  table.cards tr.device { padding: 18px 0 4px; border-top: 0; }
  table.cards tr.device th { padding: 0 0 6px; border-bottom: 1px solid var(--rule); }
  table.cards tr.device small { display: block; margin: 0; }
  table.cards tr.device + tr, table.cards tr.take { border-top: 0; }
  table.cards tr.take { padding: 0 0 8px; }
  table.cards tr > th[scope="row"] { font-size: 1.0625rem; }
  table.cards th[scope="row"] small { display: inline; margin-left: 8px; }
  table.cards td[data-label] { display: grid; grid-template-columns: 8.5em 1fr; }
  table.cards td[data-label]::before { content: attr(data-label); color: var(--muted); font-size: 0.8125rem; padding-top: 1px; }
  table.cards td.none { display: none; }
  table.answer tr:not(.device, .take) { display: grid; grid-template-columns: 3.6em 1fr; }
  table.answer tr:not(.device, .take) > th { grid-row: 1 / span 6; }
  table.answer tr:not(.device, .take) > td { grid-column: 2; display: block; }
  table.answer td[data-label]::before { content: attr(data-label) ": "; }
  table.answer td[data-label="Run this"]::before, table.answer td[data-label="Speed-up"]::before, table.answer td[data-label="Verdict"]::before { content: none; }
  table.answer td[data-label] > div, table.answer td[data-label] > div > small { display: inline; }
  table.answer td[data-label] > div > small::before { content: " "; }
  table.answer td[data-label="Speed-up"] > div > small { display: block; }
  button { padding: 4px 12px; }
}
@media print {
  @page { size: A4 landscape; margin: 12mm; }
  :root {
    color-scheme: light;
    --page: #fff; --panel: #fff; --ink: #000; --muted: #444; --rule: #bbb; --grid: #ddd;
    --found: #0a6b4d; --reference: #9a4407; --imported: #4747a8; --baseline: #555; --note: #f4f4f4;
  }
  body { font-size: 11pt; }
  main, header, footer { max-width: none; padding: 0; }
  nav, footer { display: none; }
  main > section + section { break-before: page; }
  main > section + section > h2 { border-top: 0; margin-top: 0; padding-top: 0; }
  h2, h3, caption, .hint { break-after: avoid; }
  header { padding-top: 0; }
  table.answer, table.answer tr.device th { font-size: 9.5pt; }
  table.answer th, table.answer td { padding: 5px 12px 5px 0; }
  table.answer tr.device th { padding-top: 12px; }
  table.answer .figure { font-size: 11pt; }
  table.answer small, table.answer tr.device small { font-size: 8pt; }
  tr, figure, table.answer tbody { break-inside: avoid; }
  .panels { grid-template-columns: repeat(3, 1fr); }
  table.answer tr.take { break-before: avoid; }
  button, .filter, details:not([open]) { display: none; }
  thead { break-after: avoid; }
  .scroll { overflow: visible; }
  table:not(.answer), table:not(.answer) small { font-size: 7.5pt; }
  th, td { padding-right: 8px; }
}
`;
