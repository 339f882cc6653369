import type { Answer, Choice } from './answer.js';
import {
  count,
  formatBytes,
  formatList,
  formatMultiple,
  formatProblem,
  formatRange,
  formatRatio,
  formatSeconds,
  formatSignificant,
} from './format.js';
import { deviceName, type Report } from './model.js';
import type { PlainTable } from './plain-table.js';
import { intervalWords } from './words.js';

// What every output says of an answer.

/** Gives the verdict in one word. Where the best measured is slower, it is the baseline's: unbeaten. */
export function verdictWord({ choice }: Answer): string {
  if (choice === null) return 'unmeasured';
  return choice.verdict === 'slower' ? 'unbeaten' : choice.verdict;
}

/** Tells whether an answer recommends something other than the baseline. */
export function isClaimed(answer: Answer): answer is Answer & { readonly choice: Choice } {
  return answer.choice?.verdict === 'faster';
}

/** Names what to run. */
export function runWords(answer: Answer): string {
  return isClaimed(answer) ? answer.choice.label : (answer.baseline ?? 'the baseline');
}

/** Says what nothing is claimed of: `best measured Strassen 1.012 (0.990–1.030)`. Empty where there is a claim, or nothing measured. */
export function unclaimedWords(answer: Answer): string {
  const { choice } = answer;
  if (choice === null || isClaimed(answer)) return '';
  const because = choice.notClaimedBecause === '' ? '' : `; ${choice.notClaimedBecause}`;
  return `best measured ${choice.label} ${intervalWords(choice.speedup)}${because}`;
}

/** Writes what the choice costs in accuracy: `2.1x, growth 2.65`, with the denominator of a rational scheme. */
export function errorWords({ errorMultiple, growth, denominator }: Choice): string {
  return [
    formatMultiple(errorMultiple),
    ...(growth === null ? [] : [`growth ${formatSignificant(growth)}`]),
    ...(denominator === null || denominator === 1 ? [] : [`denominator ${denominator}`]),
  ].join(', ');
}

/** Writes what the search's best gains over the known: `1.012 (0.998–1.027)`. */
export function searchAddsWords({ searchAdds }: Answer): string {
  return searchAdds === null ? 'not compared' : intervalWords(searchAdds);
}

/** Says how the choice was made where that is not obvious. */
export function choiceNotes({ choice }: Answer): string[] {
  if (choice === null) return [];
  return [
    ...(choice.equals > 0 ? [`the most accurate of ${choice.equals + 1} that are equally fast`] : []),
    ...(choice.overBound.length > 0 ? [`${formatList(choice.overBound)}: faster, but over the error bound`] : []),
  ];
}

/** Makes the table at the top of a report, in words. */
export function answerTable(report: Report): PlainTable {
  return {
    caption: 'What to run',
    columns: [
      { title: 'Device' },
      { title: 'Problem' },
      { title: 'Run' },
      { title: 'Speed-up', isNumber: true },
      { title: '95 % interval', isNumber: true },
      { title: 'Verdict' },
      { title: 'Error', isNumber: true },
      { title: 'Workspace', isNumber: true },
      { title: 'Time', isNumber: true },
      { title: 'Search adds', isNumber: true },
      { title: 'Take it home' },
    ],
    rows: report.groups.map(({ answer }) => {
      const where = [deviceName(report, answer.deviceId), formatProblem(answer.problem), runWords(answer)];
      if (!isClaimed(answer)) {
        const best = unclaimedWords(answer);
        return [...where, 'none claimed', best, verdictWord(answer), '', '', '', searchAddsWords(answer), ''];
      }
      const { speedup, workspaceBytes, command, seconds } = answer.choice;
      return [
        ...where,
        formatRatio(speedup.estimate),
        formatRange(speedup),
        verdictWord(answer),
        errorWords(answer.choice),
        formatBytes(workspaceBytes),
        formatSeconds(seconds),
        searchAddsWords(answer),
        command ?? '',
      ];
    }),
  };
}

/** Says in one sentence how many of the problems have a claim. */
export function answerSentence({ groups }: Pick<Report, 'groups'>): string {
  if (groups.length === 0) return 'Nothing was measured, so there is no speed-up to report.';
  const claimed = groups.filter(({ answer }) => isClaimed(answer)).length;
  const all = count(groups.length, 'problem');
  if (claimed === 0) return `Nothing is claimed to be faster than the baseline, for ${all}.`;
  return claimed === groups.length
    ? `Something faster than the baseline was measured for ${groups.length === 1 ? 'the problem' : `all ${all}`}.`
    : `Something faster than the baseline was measured for ${claimed} of ${all}.`;
}
