import type { RatioEstimate } from '@alphatensor-edge/shared';
import type { Answer, Choice } from './answer.js';
import {
  count,
  formatBytes,
  formatError,
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

/** A gain below this is small: worth little, and easily lost to another compiler or BLAS. */
const SMALL_GAIN = 0.02;

/** Gives the verdict on the choice in a word or two. */
export function verdictWord({ choice }: Answer): string {
  if (choice === null) return 'unmeasured';
  if (choice.verdict === 'unclaimed') return 'not claimed';
  return isSmallGain(choice) ? 'slightly faster' : choice.verdict;
}

/** Tells whether a claimed gain is small. */
export function isSmallGain({ verdict, speedup }: Choice): boolean {
  return verdict === 'faster' && speedup.estimate < 1 + SMALL_GAIN;
}

/** Tells whether an answer recommends something other than the baseline. */
export function isClaimed(answer: Answer): answer is Answer & { readonly choice: Choice } {
  return answer.choice?.verdict === 'faster';
}

/** Names what to run. */
export function runWords(answer: Answer): string {
  return isClaimed(answer) ? answer.choice.label : (answer.baseline ?? 'the baseline');
}

/** Says what nothing is claimed of: `best measured: Strassen 1.012 (0.990–1.030)`. Empty where there is a claim, or nothing measured. */
export function unclaimedWords(answer: Answer): string {
  const { choice } = answer;
  if (choice === null || isClaimed(answer)) return '';
  const within = choice.overBound.length > 0 ? ' within the error bound' : '';
  const more = [choice.notClaimedBecause, ...unsteadyWords(choice)].filter(Boolean);
  return [`best measured${within}: ${choice.label} ${intervalWords(choice.speedup)}`, ...more].join('; ');
}

/** Says why rows with higher estimates are passed over. */
function unsteadyWords({ unsteady }: Choice): string[] {
  if (unsteady === 0) return [];
  const [rows, them] = unsteady === 1 ? ['a higher estimate does', 'it'] : [`${unsteady} higher estimates do`, 'them'];
  return [`${rows} not count, because the baseline beside ${them} was slower than usual`];
}

/** Writes what the choice costs in accuracy: `2.1x (relative 4.2e-7)`, with the denominator of a rational scheme. */
export function errorWords({ errorMultiple, relativeError, denominator }: Choice): string {
  const rational = denominator === null || denominator === 1 ? '' : `, denominator ${denominator}`;
  return `${formatMultiple(errorMultiple)} (relative ${formatError(relativeError)})${rational}`;
}

/** What the best found algorithm is against the best known one; `undecided`: the interval contains 1. */
export function searchVerdict({ low, high }: RatioEstimate): 'faster' | 'slower' | 'undecided' {
  return low > 1 ? 'faster' : high < 1 ? 'slower' : 'undecided';
}

/** Writes how much faster or slower the best found algorithm is than the best known one: `6.9 % slower`. */
export function searchGainWords(gain: RatioEstimate): string {
  if (searchVerdict(gain) === 'undecided') return 'no clear difference';
  return `${formatSignificant(Math.abs(gain.estimate - 1) * 100, 2)} % ${searchVerdict(gain)}`;
}

/** Writes the same with the interval of the ratio: `6.9 % slower (0.911–0.942)`. */
export function searchAddsWords({ searchAdds }: Answer): string {
  return searchAdds === null ? 'not compared' : `${searchGainWords(searchAdds)} (${formatRange(searchAdds)})`;
}

/** Says how the choice was made where that is not obvious. */
export function choiceNotes({ choice }: Answer): string[] {
  if (choice === null) return [];
  return [
    ...(choice.equals > 0 ? [`the most accurate of ${choice.equals + 1} that are equally fast`] : []),
    ...unsteadyWords(choice),
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
      { title: 'Memory beside A, B, C', isNumber: true },
      { title: 'Time', isNumber: true },
      { title: 'Best found against best known', isNumber: true },
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

/** What the command of an answer writes, and where it is typed. */
export const TAKE_HOME_WORDS =
  'A command writes a folder with C source, a header, a Makefile and a README, which says how to build and call it. Run it on the trainer’s machine, in the folder from which the paths of the runs start.';

/** Says in one sentence how many of the problems have a claim, and whose algorithms make it. */
export function answerSentence({ groups }: Pick<Report, 'groups'>): string {
  if (groups.length === 0) return 'Nothing was measured, so there is no speed-up to report.';
  const claimed = groups.filter(({ answer }) => isClaimed(answer)).length;
  const all = count(groups.length, 'problem');
  if (claimed === 0) return `Nothing is claimed to be faster than the baseline, for ${all}.`;
  const where = claimed === groups.length ? (claimed === 1 ? 'the problem' : `all ${all}`) : `${claimed} of ${all}`;
  const found = groups.filter(({ answer }) => isClaimed(answer) && answer.choice.isFound).length;
  return `Something faster than the baseline was measured for ${where}${whoseWords(found, claimed - found)}.`;
}

/** Says whose the wins are: `: 4 with an algorithm that was found here, 3 with a known one`. */
function whoseWords(found: number, known: number): string {
  if (known === 0) return ', with an algorithm that was found here';
  if (found === 0) return ', with a known algorithm';
  return `: ${found} with an algorithm that was found here, ${known} with a known one`;
}
