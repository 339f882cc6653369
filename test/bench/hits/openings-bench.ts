import { bestKnownRank, formatSize } from '@alphatensor-edge/shared';
import { startBackend } from '@alphatensor-edge/trainer/network/backend.js';
import { type Checkpoint, loadCheckpoint } from '@alphatensor-edge/trainer/run/checkpoint.js';
import { provenanceWords } from '@alphatensor-edge/trainer/run/provenance.js';
import { figure, percent } from '../common/figures.js';
import { machine, machineLine } from '../common/machine.js';
import { count, oneOf, positive, tfBackend } from '../common/options.js';
import { type ExploreRow, exploreBeside } from './explore-beside.js';
import { type OpeningRow, searchFromOpening } from './from-opening.js';
import { SEARCH_NAMES } from './searches.js';
import { BASES } from './whole-openings.js';

/** The options of `bench hits --checkpoint`, as they were typed. */
interface OpeningOptions {
  readonly checkpoint: readonly string[];
  readonly rank?: string | undefined;
  readonly basis?: readonly string[] | undefined;
  readonly search?: readonly string[] | undefined;
  readonly evaluations?: readonly string[] | undefined;
  readonly left?: readonly string[] | undefined;
  readonly 'off-diagonal'?: string | undefined;
  readonly searches?: string | undefined;
  readonly lockstep?: string | undefined;
  readonly seed: string;
  readonly 'tf-backend': string;
  readonly json: boolean;
}

/** Searches from the opening with each checkpoint, then walks in the flip graph for the same seconds. */
export async function measureOpenings(options: OpeningOptions): Promise<void> {
  const { seed, json } = options;
  const say = (line: string): void => (json ? undefined : console.log(line));
  const backend = await startBackend(tfBackend(options['tf-backend']));
  const documents = [];
  for (const directory of options.checkpoint) {
    const checkpoint = withBases(await loadCheckpoint(directory), options['off-diagonal']);
    const { config, step } = checkpoint;
    const rank = count('--rank', options.rank ?? String(bestKnownRank(config.size)));
    say(`${directory}: ${formatSize(config.size)}, step ${step}, ${provenanceWords(checkpoint)}; ${machineLine()}`);
    const setting = {
      rank,
      bases: (options.basis ?? BASES).map((name) => oneOf('--basis', BASES, name)),
      evaluations: (options.evaluations ?? ['200', '800']).map((text) => count('--evaluations', text)),
      searchNames: (options.search ?? SEARCH_NAMES).map((name) => oneOf('--search', SEARCH_NAMES, name)),
      left: options.left?.map((text) => count('--left', text)),
      searches: count('--searches', options.searches ?? '96'),
      lockstep: count('--lockstep', options.lockstep ?? '16'),
      seed,
    };
    const rows = await searchFromOpening(checkpoint, backend, setting, (row) => say(lineOf(row)));
    const seconds = Math.max(...rows.map((row) => row.seconds));
    const explore = exploreBeside(config, { rank, seconds, seed });
    say(exploreLine(explore, rank));
    documents.push({ directory, step, rank, size: config.size, seed, rows, explore });
  }
  if (json) console.log(JSON.stringify({ machine: machine(), backend: backend.description, documents }, null, 2));
}

/** Sets how far random bases are from the canonical one. */
function withBases(checkpoint: Checkpoint, offDiagonal: string | undefined): Checkpoint {
  if (offDiagonal === undefined) return checkpoint;
  const { config } = checkpoint;
  const basis = { ...config.acting.basis, offDiagonal: positive('--off-diagonal', offDiagonal) };
  return { ...checkpoint, config: { ...config, acting: { ...config.acting, basis } } };
}

/** Writes a row for people. */
export function lineOf({
  basis,
  search,
  left,
  evaluations,
  hits,
  searches,
  interval,
  algorithms,
  orbits,
  notShown,
  ...rest
}: OpeningRow): string {
  const share = `${hits} of ${searches} (${percent(interval[0])} to ${percent(interval[1])})`;
  const unseen = notShown === null ? 'not known which were shown' : `${notShown.length} not shown by walks`;
  const begun = left === undefined ? '' : `${left} left, `;
  return `${basis.padEnd(9)} ${search.padEnd(6)} ${begun}${evaluations} evaluations: ${share}; ${algorithms} algorithms, ${orbits.length} orbits, ${unseen}; ${figure(rest.spent / rest.seconds)} evaluations/s`;
}

function exploreLine({ seconds, flips, hits, first, orbits }: ExploreRow, rank: number): string {
  const when = first === null ? '' : `, the first after ${first.toFixed(1)} s`;
  return `explore   for ${seconds.toFixed(1)} s (one row's): ${hits} descents to rank ${rank} or below${when}; ${orbits.length} orbits; ${figure(flips / seconds / 1e6)} million flips/s`;
}
