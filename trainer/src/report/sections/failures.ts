import { type Markup, markup } from '../markup.js';
import { deviceName, type Report } from '../model.js';
import { scrollingTable } from './parts.js';

const COLUMNS = ['Outcome', 'Device', 'Jobs', 'Algorithms', 'Why'];

/** Lists what failed, alike jobs in one row; null if nothing did. */
export function failuresSection(report: Report): Markup | null {
  if (report.failures.length === 0) return null;
  const rows = report.failures.map(
    (
      failure,
    ) => markup`<tr><th scope="row"><span class="tag failed">${failure.status.toLowerCase().replace(/_/g, ' ')}</span></th>
<td>${deviceName(report, failure.deviceId)}<small>${failure.backend}</small></td><td>${failure.jobs}</td>
<td>${failure.algorithms.join(', ')}<small>${failure.problems.join('; ')}</small></td>
<td class="name">${failure.message || 'no message'}${
      failure.diagnostics
        ? markup`<details><summary>What was printed</summary><pre tabindex="0">${failure.diagnostics}</pre></details>`
        : null
    }</td></tr>`,
  );
  return scrollingTable(
    'Failed jobs',
    markup`Jobs that ended without a measurement <span>alike ones in one row</span>`,
    markup`${COLUMNS.map((title) => markup`<th scope="col">${title}</th>`)}`,
    rows,
  );
}
