import {
  blasText,
  type Environment,
  errorWords,
  inputErrorWords,
  type Measurement,
  type Outcome,
} from '@alphatensor-edge/proto';
import { formatSize, type LaidOut, transposedWords, type VerifiedFactorization } from '@alphatensor-edge/shared';
import type { Progress } from '../job/job.js';

/** Writes the line that shows how far a job has come. */
export function progressLine(progress: Progress): string {
  if (progress.kind === 'compiling') return `compiling with ${progress.compiler}`;
  if (progress.kind === 'waiting') return `waiting for the measurement of ${progress.holder}`;
  if (progress.kind === 'tuning') return `kernel plan ${progress.plansTried + 1} of ${progress.plans}`;
  const { rounds, speedup } = progress;
  return speedup === undefined ? 'checking' : `round ${rounds}: ${interval(speedup)}`;
}

/** Writes what a measurement found, for people: the speed-up first, then its circumstances. */
export function summary(
  { compileSeconds, workspaceBytes }: Outcome,
  measurement: Measurement,
  environment: Environment,
  levels: readonly VerifiedFactorization[],
  problem: LaidOut,
): string {
  const transposed = transposedWords(problem);
  const name =
    levels.map(({ size, rank }) => `${formatSize(size)} rank ${rank}`).join(' over ') || 'the baseline itself';
  const { speedup, ownGemmSpeedup, aaControl, baselineSeconds, inputErrors, flags } = measurement;
  const { sustainedSpeedup, baselineJoules, candidateJoules } = measurement;
  return [
    `${name}${transposed === undefined ? '' : `, ${transposed}`}: ${speedup ? interval(speedup) : 'no estimate'}${verdict(measurement)}`,
    `  against ${environment.blas ? blasText(environment.blas) : 'an unknown BLAS'}, ${where(environment)}, ${rate(measurement)}`,
    `  ${baselineSeconds.length} rounds; workspace ${(workspaceBytes / 1024 ** 2).toFixed(0)} MiB; compiled in ${compileSeconds.toFixed(1)} s`,
    ...[errorWords(measurement), ...inputErrorWords(inputErrors)].map((words) => `  ${words}`),
    ...(sustainedSpeedup
      ? [`  in the last third ${interval(sustainedSpeedup)}; ${energy(baselineJoules, candidateJoules)}`]
      : []),
    ...(ownGemmSpeedup ? [`  own GEMM ${interval(ownGemmSpeedup)}`] : []),
    ...(aaControl ? [`  baseline against itself ${interval(aaControl)}`] : []),
    ...flags.map((flag) => `  note: ${flag}`),
  ].join('\n');
}

function verdict({ fasterThanBaseline, notClaimedBecause }: Measurement): string {
  if (fasterThanBaseline) return ', faster';
  return notClaimedBecause === '' ? '' : `, not called faster: ${notClaimedBecause}`;
}

function where({ baselineThreads, accelerator }: Environment): string {
  return accelerator === '' ? `${baselineThreads} thread(s)` : `on ${accelerator}`;
}

function rate({ baselineGflops, peakGflops }: Measurement): string {
  const gflops = `${baselineGflops.toPrecision(3)} GFLOP/s`;
  if (peakGflops === 0) return gflops;
  return `${gflops}, ${((100 * baselineGflops) / peakGflops).toFixed(0)} % of the multiply-add peak`;
}

function energy(baselineJoules?: number, candidateJoules?: number): string {
  if (baselineJoules === undefined || candidateJoules === undefined) return 'energy unknown (see at-agent doctor)';
  return `${candidateJoules.toPrecision(3)} J a product, the baseline ${baselineJoules.toPrecision(3)} J (all processor packages)`;
}

function interval({ estimate, low, high }: { estimate: number; low: number; high: number }): string {
  return `${estimate.toFixed(3)} [${low.toFixed(3)}, ${high.toFixed(3)}]`;
}
