import { execFile } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { untilExit } from '../../support/processes.js';
import { repositoryPath } from '../../support/repository.js';

// The commands that make the catalogue, as people run them. What one said is kept in its run folder, so that it is not run again.

/** The status of a search that did not reach its rank; what it found is kept all the same. */
const GOAL_MISSED = 10;

/** Explores, unless `runDir` has it already. */
export async function explore(size: string, args: readonly string[], runDir: string): Promise<void> {
  const said = join(runDir, 'explored.json');
  if (existsSync(said)) return;
  const text = await atTrainer(['explore', '--size', size, ...args, '--run-dir', runDir, '--json']);
  writeFileSync(said, text);
}

/** Holds what `at-trainer refine --json` says of one start. */
interface Refinement {
  readonly chains: number;
  readonly front: readonly { readonly growth: number; readonly nonzeros: number; readonly file: string }[];
}

/** Refines one start, or goes on with it if `runDir` has begun with it. */
export async function refine(
  spec: string,
  { seed, budgetSeconds, workers, runDir }: { seed: number; budgetSeconds: number; workers: number; runDir: string },
): Promise<Refinement> {
  const said = join(runDir, 'refined.json');
  if (budgetSeconds > 0) {
    const where = ['--run-dir', runDir, '--budget', `${budgetSeconds}s`, '--workers', `${workers}`, '--json'];
    const begin = existsSync(said) ? ['--resume'] : [spec, '--seed', `${seed}`];
    const text = await atTrainer(['refine', ...begin, ...where]);
    writeFileSync(said, text);
  }
  if (!existsSync(said)) return { chains: 0, front: [] };
  return JSON.parse(readFileSync(said, 'utf8')).results[0];
}

/** Runs `at-trainer` from the repository's root and resolves to what it prints. */
function atTrainer(args: readonly string[]): Promise<string> {
  const command = [repositoryPath('trainer/bin/at-trainer.js'), ...args];
  return new Promise((resolve, reject) => {
    const child = execFile(
      process.execPath,
      command,
      { cwd: repositoryPath('.'), maxBuffer: 1 << 28 },
      (error, out, err) => {
        if (error !== null && error.code !== GOAL_MISSED)
          reject(new Error(`at-trainer ${args.join(' ')} failed: ${err.trim().split('\n').at(-1)}`));
        else resolve(out);
      },
    );
    untilExit(child);
  });
}
