import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { AlphaTensorError } from '@alphatensor-edge/shared';

/** A module whose `work` can be done in a process of its own; `url` is its `import.meta.url`. */
export interface RowModule<Row, Result> {
  readonly url: string;
  readonly work: (row: Row) => Promise<Result>;
}

/** Why a row has no result. */
export interface Failed {
  readonly failed: string;
  /** The TensorFlow.js backend does not run on this machine. */
  readonly unavailable?: true;
}

/** @throws never: what went wrong is in the answer */
export async function answerOf<Row, Result>(module: RowModule<Row, Result>, row: Row): Promise<Result | Failed> {
  try {
    return await module.work(row);
  } catch (error) {
    if (!(error instanceof AlphaTensorError && error.code === 'UNAVAILABLE')) throw error;
    return { unavailable: true, failed: error.message };
  }
}

/**
 * Works a row in a process of its own, so that it has its own peak of memory and its own TensorFlow.js backend. What it
 * prints goes to standard error.
 */
export async function inProcess<Row, Result>(module: RowModule<Row, Result>, row: Row): Promise<Result | Failed> {
  const child = fork(fileURLToPath(new URL('./row-process.js', import.meta.url)), [module.url, JSON.stringify(row)], {
    stdio: ['ignore', process.stderr, process.stderr, 'ipc'],
    // Structured clones: JSON has no Infinity.
    serialization: 'advanced',
  });
  let answer: Result | Failed | undefined;
  child.once('message', (message) => {
    answer = message as Result | Failed;
  });
  const [status, signal] = await once(child, 'close');
  return answer ?? { failed: `ended with ${status ?? signal}` };
}

export function hasFailed<Result extends object>(answer: Result | Failed): answer is Failed {
  return 'failed' in answer;
}

/**
 * Works the rows one after the other, each in a process of its own. A backend that does not run here is tried once.
 * @returns each row with its result, or with why there is none
 */
export async function inProcesses<Row extends { readonly tfBackend?: string }, Result extends object>(
  module: RowModule<Row, Result>,
  rows: readonly Row[],
  onResult: (result: Row & (Result | Failed)) => void,
): Promise<(Row & (Result | Failed))[]> {
  const missing = new Set<string | undefined>();
  const results: (Row & (Result | Failed))[] = [];
  for (const row of rows) {
    if (missing.has(row.tfBackend)) continue;
    const answer = await inProcess(module, row);
    if (hasFailed(answer) && answer.unavailable) missing.add(row.tfBackend);
    const result = { ...row, ...answer };
    onResult(result);
    results.push(result);
  }
  // A backend that is not installed is no failure; that none runs is.
  if (results.every(hasFailed)) process.exitCode = 1;
  return results;
}
