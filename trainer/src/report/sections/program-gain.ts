import { type Markup, markup } from '../markup.js';
import { deviceName, type Report } from '../model.js';
import { PRODUCT_COLUMNS, PROGRAM_GAIN_HINT, productCells, programGainSentence } from '../program-gain-words.js';
import { hint, scrollingTable } from './parts.js';

/** Lists the products of tuned programs with what each gains. */
export function programGainSection(report: Report): Markup {
  const programs = report.programGains.map((gain) => {
    const name = `${gain.command.join(' ')}, ${deviceName(report, gain.deviceId)}`;
    const head = markup`${PRODUCT_COLUMNS.map((title) => markup`<th scope="col">${title}</th>`)}`;
    const body = gain.products.map((product) => {
      const [first, ...rest] = productCells(product);
      return markup`<tr><th scope="row">${first}</th>${rest.map((cell) => markup`<td>${cell}</td>`)}</tr>`;
    });
    return markup`<h3>${name}</h3><p>${programGainSentence(gain)}</p>${scrollingTable(`Products of ${name}`, markup`${gain.run}`, head, body)}`;
  });
  return markup`${hint(PROGRAM_GAIN_HINT)}${programs}`;
}
