import { count } from '../format.js';
import { type Markup, markup } from '../markup.js';
import { deviceName, type Report } from '../model.js';
import { controlsPanel } from '../svg/controls.js';
import { NOISE_COLUMNS, noiseCells } from '../words.js';
import { hint, nothing, panel, panels, scrollingTable } from './parts.js';

/** Shows how far the figures can be trusted: the baseline against itself, and what disturbed the device. */
export function noiseSection(report: Report): Markup {
  if (report.noise.length === 0) return nothing('Nothing was measured.');
  const drawn = report.noise
    .filter(({ controls }) => controls.length > 0)
    .map((noise) => {
      const device = deviceName(report, noise.deviceId);
      const title = `The baseline against itself, ${device}`;
      return panel(
        'Baseline against itself',
        ` ${device}, ${count(noise.controls.length, 'control')}`,
        controlsPanel(noise.controls, title),
      );
    });
  const head = markup`<th scope="col">Device</th>${NOISE_COLUMNS.map((name) => markup`<th scope="col" class="number">${name}</th>`)}`;
  const body = report.noise.map(
    (noise) =>
      markup`<tr><th scope="row" class="name">${deviceName(report, noise.deviceId)}</th>${noiseCells(noise).map(
        (cell) => markup`<td class="number">${cell}</td>`,
      )}</tr>`,
  );
  return markup`${hint('An interval without 1 in these plots means that the device drifted or was disturbed. Differences of that size mean nothing there.')}${panels(drawn)}${scrollingTable('Noise on each device', markup`All measured jobs`, head, body)}`;
}
