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
header { padding-top: 40px; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 4px; font-weight: 650; letter-spacing: -0.01em; }
h2 { font-size: 1.25rem; margin: 48px 0 8px; padding-top: 14px; border-top: 1px solid var(--rule); font-weight: 650; }
h3 { font-size: 1rem; margin: 28px 0 8px; font-weight: 650; }
p, ul, dl { max-width: 76ch; }
p { margin: 6px 0 12px; }
.scope, .hint, figcaption, caption, footer { color: var(--muted); font-size: 0.875rem; }
.banner { border-left: 3px solid var(--muted); background: var(--note); padding: 10px 14px; margin: 18px 0 0; max-width: none; }
nav ul { display: flex; flex-wrap: wrap; gap: 4px 18px; padding: 0; margin: 16px 0 0; list-style: none; max-width: none; font-size: 0.875rem; }
a { color: inherit; text-underline-offset: 3px; text-decoration-color: var(--muted); }
a:focus-visible, summary:focus-visible, .scroll:focus-visible { outline: 2px solid var(--imported); outline-offset: 2px; }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 340px), 1fr)); gap: 16px; margin: 12px 0; }
.card { background: var(--panel); border: 1px solid var(--rule); border-radius: 6px; padding: 14px 16px; }
.card h4 { margin: 0; font-size: 0.875rem; font-weight: 600; color: var(--muted); }
.card .figure { font-size: 1.7rem; font-weight: 650; line-height: 1.25; margin: 4px 0 0; }
.card .figure small { font-size: 0.875rem; font-weight: 400; color: var(--muted); white-space: nowrap; }
.card .who { margin: 0 0 8px; font-weight: 600; font-size: 0.9375rem; }
.card p:last-child { margin-bottom: 0; font-size: 0.875rem; }
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
tbody.measured > tr:first-child > * { border-bottom: 0; padding-bottom: 0; }
td.remarks { padding-top: 2px; color: var(--muted); }
td.remarks > * { margin: 0; max-width: min(110ch, 100vw - 32px); white-space: normal; }
td.own { background: var(--note); box-shadow: inset 0 -2px var(--found); }
td.absent { color: var(--muted); }
.live { font-size: 0.875rem; margin: 10px 0 0; }
.live::before { content: ""; display: inline-block; width: 9px; height: 9px; border-radius: 50%; margin-right: 8px; background: var(--baseline); }
.live.current::before { background: var(--found); }
tbody.baseline > tr > * { background: var(--note); }
.name { min-width: 140px; }
.tag { white-space: nowrap; }
.tag.faster { color: var(--found); font-weight: 600; }
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
  dl.facts dd { margin-bottom: 6px; }
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
  nav { display: none; }
  h2, h3, caption, .hint { break-after: avoid; }
  tr, tbody.measured, .card { break-inside: avoid; }
  thead { break-after: avoid; }
  .scroll { overflow: visible; }
  table, td small, th small, .number small { font-size: 7.5pt; }
  th, td { padding-right: 8px; }
}
`;
