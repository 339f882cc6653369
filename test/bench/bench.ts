import { AlphaTensorError } from '@alphatensor-edge/shared';

/**
 * A developer's measurement of this project's own code: `npm run bench NAME -- ARGS`. Each is a file of this folder or a
 * small folder in it, named in `benches.ts`. It imports the stages of the product and builds none of them again.
 */
export interface Bench {
  /** What it measures, in one line of the list. */
  readonly summary: string;
  /** What `--help` prints: what is measured and how, and every option with its default. */
  readonly help: string;
  /**
   * Measures and prints. What the machine could not do, or a check that failed, sets `process.exitCode` to 1.
   * @param args what follows the name; `--help` is answered before
   * @throws AlphaTensorError INVALID_ARGUMENT for what cannot be asked, best through `parseArgs` and the readers of `shared`
   */
  run(args: readonly string[]): Promise<void>;
}

/** Makes the error of an option's value that a bench does not take. @param message one sentence */
export function refusal(message: string): AlphaTensorError {
  return new AlphaTensorError('INVALID_ARGUMENT', message);
}
