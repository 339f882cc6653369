import type { DescribeResponse } from '@alphatensor-edge/proto';
import {
  AlphaTensorError,
  type DispatchEntry,
  type DispatchProblem,
  laidOut,
  transposedSuffix,
} from '@alphatensor-edge/shared';
import { runAgentCommand } from '../fleet/local/agent-command.js';
import { type TunedProgram, tunedProgramOf } from '../run/tuned-program.js';
import { formatPercent } from '../shapes/lines.js';
import { readGemmProfile } from '../tune/gemm-profile.js';
import { profileProblems } from '../tune/profile-problems.js';
import { note } from './output.js';

// What tune does for the products of a program beside tuning.

/** Most products that are listed as left out. */
const MOST_LEFT_OUT = 10;

/**
 * Reads a profile, says what is left out of it, and chooses what is tuned.
 * @param budget seconds; undefined: as long as it takes
 * @throws AlphaTensorError as readGemmProfile; INVALID_ARGUMENT if there is nothing to tune
 */
export function programOf(path: string, budget: number | undefined): TunedProgram {
  const profile = readGemmProfile(path);
  const program = tunedProgramOf(path, profile, profileProblems(profile, budget));
  const tuned = tunedOf(program) ?? [];
  const [first] = program.products;
  if (tuned.length === 0) {
    const why =
      first === undefined
        ? 'the program makes none'
        : `of the one with the most time, ${first.m}x${first.k}x${first.n} ${first.dtype}${transposedSuffix(first)}, ${first.leftOut}`;
    throw new AlphaTensorError('INVALID_ARGUMENT', `${path} has no product to tune: ${why}.`, { field: '--profile' });
  }
  const sum = (isTuned: boolean): string =>
    formatPercent(
      program.products
        .filter(({ leftOut }) => (leftOut === '') === isTuned)
        .reduce((total, { share }) => total + share, 0),
    );
  note(
    `${path}: ${tuned.length === 1 ? '1 problem is' : `${tuned.length} problems are`} tuned, ${sum(true)} of the program's time; left out: ${sum(false)}`,
  );
  for (const { m, k, n, dtype, share, leftOut, ...laid } of program.products
    .filter((one) => one.leftOut !== '')
    .slice(0, MOST_LEFT_OUT)) {
    note(`  ${formatPercent(share)}  ${m}x${k}x${n} ${dtype}${transposedSuffix(laid)}: ${leftOut}`);
  }
  return program;
}

/** Lists the problems that are tuned for a program. */
export function tunedOf(program: TunedProgram | undefined): DispatchProblem[] | undefined {
  return program?.products
    .filter(({ leftOut }) => leftOut === '')
    .map(({ m, k, n, dtype, threads, ...laid }) => ({ m, k, n, dtype, threads, ...laidOut(laid) }));
}

/** Warns of a profile that another machine wrote: its times are not those of the agent's device. */
export function noteOtherDevice(
  { device, profile }: TunedProgram,
  { deviceId, device: tuned }: DescribeResponse,
): void {
  if (device.id === deviceId) return;
  note(
    `warning: ${profile} is from another device (${device.cpu}) than the agent's (${tuned?.cpuModel ?? 'unknown'}); the shares of the time, and so what the program is predicted to gain, are of that one`,
  );
}

/** Builds the library on this machine, or says how that is done on the device. */
export async function prepareToAccelerate(
  dispatch: string,
  entries: readonly DispatchEntry[],
  isOnThisMachine: boolean,
): Promise<void> {
  if (entries.every(({ fast, accurate }) => !fast && !accurate)) {
    note('Nothing is faster than the baseline here, so there is no library to build.');
    return;
  }
  const built = isOnThisMachine && (await runAgentCommand(['accelerate', '--dispatch', dispatch])) === 0;
  const file = built ? '' : `--dispatch ${dispatch} `;
  const where = isOnThisMachine ? 'next' : `next, on the device, with the folder of ${dispatch} copied there`;
  note(`${where}: at-agent accelerate ${file}-- PROGRAM`);
}
