import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Report } from '@alphatensor-edge/trainer/report/model.js';
import { bySizeChart } from '@alphatensor-edge/trainer/report/svg/by-size.js';
import { STYLE } from '@alphatensor-edge/trainer/report/theme.js';
import { readReport } from '@alphatensor-edge/trainer/report/write.js';
import { type Bench, refusal } from './bench.js';

/** Pixels: as wide as a page of GitHub shows, so that its letters stay readable. */
const WIDTH = 800;

export const bench: Bench = {
  summary: "a run's plot of speed-up by problem size as an SVG file, for README.md",
  help: `Writes the plot of speed-up by problem size from a run's report as an SVG file of its own, light or dark as its reader prefers.

  RUN          folder of a run that measured several problem sizes, for example of the quickstart
  --out FILE   the SVG (speed-up.svg)
`,
  async run(args) {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: { out: { type: 'string', default: 'speed-up.svg' } },
      allowPositionals: true,
    });
    if (positionals.length !== 1) throw refusal('Name the folder of one run.');
    await writeFile(values.out, figure(readReport(positionals, join(positionals[0], 'report'))));
    console.log(`wrote ${values.out}`);
  },
};

/** The plot of the first device and precision, with the report's colours and letters in it. */
export function figure({ groups }: Pick<Report, 'groups'>): string {
  const alike = groups.filter(
    ({ deviceId, problem }) =>
      deviceId === groups[0].deviceId &&
      problem.dtype === groups[0].problem.dtype &&
      problem.threads === groups[0].problem.threads,
  );
  if (alike.length < 2) throw refusal('The run measured one problem size; the plot needs several.');
  return standalone(bySizeChart(alike, 'Speed-up by problem size', WIDTH).text);
}

/** Makes a file of its own of a drawing, with the report's colours and letters in it. */
export function standalone(chart: string): string {
  return `${chart.replace(/^<svg ([^>]*)>/, `<svg xmlns="http://www.w3.org/2000/svg" $1><style>${style()}</style><rect width="100%" height="100%" rx="6" fill="var(--page)"/>`)}\n`;
}

/** What of the report's style a drawing alone needs: the colours, light and dark, and the rules of drawings. */
function style(): string {
  const colours = STYLE.slice(0, STYLE.indexOf('* {'));
  const rules = STYLE.split('\n').filter((line) => line.startsWith('svg '));
  return [colours.trim(), ...rules].join('\n');
}
