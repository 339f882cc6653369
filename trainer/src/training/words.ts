import { formatSize } from '@alphatensor-edge/shared';
import type { MetricsLine } from '../run/metrics.js';
import { provenanceWords } from '../run/provenance.js';
import type { FoundFactorization, TrainingInfo } from './contract.js';

// These functions put what a training run reports into words.

/** Says how a find was made. The tree search from the target is AlphaTensor's; the others are not. */
export function searchWords({ searcher, isInside }: Pick<FoundFactorization, 'searcher' | 'isInside'>): string {
  return `${searcher === 'mcts' ? 'tree search' : 'beam search'}${isInside ? ' inside the best so far' : ''}`;
}

/** Says which backends run, why the faster ones do not, and where the network comes from. */
export function backendLines(info: TrainingInfo): string[] {
  const { backend, acting, learning, playing, weights, step } = info;
  const missing = backend.unavailable.map(({ name, reason }) => `${name}: ${reason}`);
  return [
    `TensorFlow.js runs on ${backend.name}: ${backend.description}`,
    ...(missing.length > 0 ? [`  faster backends that do not run here: ${missing.join('; ')}`] : []),
    `games are played through ${acting.description}`,
    `gradients are computed through ${learning.description}`,
    ...[acting.unavailable ?? learning.unavailable]
      .filter((reason) => reason !== undefined)
      .map((reason) => `  not through ONNX Runtime: ${reason}`),
    `network of ${weights} weights, learner step ${step}, ${provenanceWords(info)}`,
    playing,
  ];
}

/** Announces a factorization in one line. */
export function foundLine({ factorization, hash, seconds, ...search }: FoundFactorization): string {
  const { size, rank } = factorization;
  return `found ${formatSize(size)} of rank ${rank} (${hash.slice(0, 6)}) by ${searchWords(search)} after ${Math.round(seconds)} s`;
}

/** Says how far a run is, from the latest value of every number that it recorded. */
export function statusWords(line: MetricsLine): string {
  const { step = 0, bestRank, games, solved, measured, waiting } = line;
  return [
    `step ${step}`,
    ...learningWords(line),
    ...(games === undefined ? [] : [`last round solved ${solved} of ${games}${rateWords(line)}`]),
    ...(bestRank === undefined ? [] : [`best rank ${bestRank}`]),
    ...otherRanks(line),
    ...(measured === undefined ? [] : [`${measured} measured, ${waiting} waiting`]),
  ].join(', ');
}

function learningWords(line: MetricsLine): string[] {
  const { policyLoss, valueLoss } = line;
  if (policyLoss === undefined) return [];
  const error = line['eval.value_error'];
  const shares = (['synthetic', 'played', 'best', 'flips'] as const).flatMap((name) => {
    const share = line[`mix.${name}`] ?? 0;
    return share > 0 ? [`${Math.round(100 * share)} % ${name}`] : [];
  });
  return [
    `policy loss ${policyLoss.toFixed(2)}`,
    `value loss ${valueLoss.toFixed(3)}`,
    ...(error === undefined ? [] : [`value off by ${error.toFixed(1)} moves`]),
    `learning from ${shares.join(' + ')}`,
  ];
}

function otherRanks(line: MetricsLine): string[] {
  const prefix = 'bestRank.';
  const others = Object.entries(line).filter(([name]) => name.startsWith(prefix));
  return others.map(([name, rank]) => `${name.slice(prefix.length)} rank ${rank}`);
}

/** Says how fast the last round of games was. */
function rateWords({ gamesPerSecond, simulationsPerSecond, evaluationsPerSecond, wastedSamples }: MetricsLine): string {
  const searched =
    simulationsPerSecond === undefined
      ? `${Math.round(evaluationsPerSecond)} evaluations/s`
      : `${Math.round(simulationsPerSecond)} simulations/s`;
  const wasted = wastedSamples === undefined ? '' : `, ${Math.round(100 * wastedSamples)} % of samples wasted`;
  return ` (${gamesPerSecond.toPrecision(2)} games/s, ${searched}${wasted})`;
}
