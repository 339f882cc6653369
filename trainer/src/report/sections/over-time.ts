import { formatSeconds, formatSignificant } from '../format.js';
import { type Markup, markup } from '../markup.js';
import type { Report } from '../model.js';
import { PLOTTED } from '../progress.js';
import { lineSample, overTimePanel } from '../svg/over-time.js';
import { panel, panels } from './parts.js';

/** Plots quantities over the time of the runs; null if the runs recorded none of them. A quantity with one value is written, not drawn. */
export function overTimeSection(report: Pick<Report, 'runs'>, group: 'progress' | 'losses'): Markup | null {
  const single: Markup[] = [];
  const drawn = PLOTTED.filter((plot) => plot.group === group).flatMap(({ key, title, kind }) => {
    const lines = report.runs.flatMap((run, index) =>
      run.series.filter((series) => series.key === key).map(({ points }) => ({ run: index, name: run.name, points })),
    );
    for (const { name, points } of lines.filter(({ points }) => points.length === 1)) {
      const [time, value] = points[0];
      single.push(markup`<li>${title}, ${name}: ${formatSignificant(value)}, once, at ${formatSeconds(time)}</li>`);
    }
    const long = lines.filter(({ points }) => points.length > 1);
    return long.length === 0 ? [] : [panel(title, '', overTimePanel(long, `${title} over time`, kind))];
  });
  if (drawn.length + single.length === 0) return null;
  const names = report.runs.map(({ name }, index) => markup`<li>${lineSample(index)}${name}</li>`);
  return markup`${names.length > 1 ? markup`<ul class="legend">${names}</ul>` : null}${panels(drawn)}${single.length > 0 ? markup`<ul>${single}</ul>` : null}`;
}
