import { type Markup, markup } from '../markup.js';
import { deviceName, type Report } from '../model.js';
import { LAYER_COLUMNS, layerCells, MODEL_GAIN_HINT, modelGainSentence } from '../model-gain-words.js';
import { hint, scrollingTable } from './parts.js';

/** Lists the layers of tuned models with what each gains. */
export function modelGainSection(report: Report): Markup {
  const models = report.modelGains.map((gain) => {
    const name = `${gain.model}, ${deviceName(report, gain.deviceId)}`;
    const head = markup`${LAYER_COLUMNS.map((title) => markup`<th scope="col">${title}</th>`)}`;
    const body = gain.layers.map((layer) => {
      const [first, ...rest] = layerCells(layer);
      return markup`<tr><th scope="row">${first}</th>${rest.map((cell) => markup`<td>${cell}</td>`)}</tr>`;
    });
    return markup`<h3>${name}</h3><p>${modelGainSentence(gain)}</p>${scrollingTable(`Layers of ${name}`, markup`${gain.run}`, head, body)}`;
  });
  return markup`${hint(MODEL_GAIN_HINT)}${models}`;
}
