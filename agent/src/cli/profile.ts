import { AlphaTensorError, messageOf } from '@alphatensor-edge/shared';
import { Command } from 'commander';
import writeFileAtomic from 'write-file-atomic';
import { profileCommand as runProfiled } from '../intercept/profile.js';
import { profileLines } from '../intercept/profile-text.js';
import { exitStatus } from '../intercept/run-command.js';

const DEFAULT_FILE = 'gemm-profile.json';

/** Makes `at-agent profile`, which runs a program and writes down which products of matrices it makes. */
export function profileCommand(): Command {
  return new Command('profile')
    .summary('run a program and write down which matrix products it makes')
    .description(
      'Runs a program, unchanged, and writes down which matrix products it makes through a shared BLAS, how often and how long: on the standard error, and as JSON. Its exit status is that of the program.',
    )
    .argument('<command...>', 'the program and its arguments, after --')
    .option('--out <file>', 'file for the JSON, which at-trainer tune --profile reads', DEFAULT_FILE)
    .addHelpText(
      'after',
      '\nExamples:\n  at-agent profile -- python app.py\n  at-agent profile --out app.json -- ./solver --size 4096',
    )
    .action(profile);
}

async function profile(command: string[], { out }: { out: string }): Promise<void> {
  const { profile: found, end } = await runProfiled(command);
  const lines = profileLines(found);
  if (found.products.length > 0) {
    await writeFileAtomic(out, `${JSON.stringify(found, null, 2)}\n`).catch((cause) => {
      throw new AlphaTensorError(
        'INVALID_ARGUMENT',
        `${out} cannot be written (${messageOf(cause)}); name a file with --out.`,
        {
          field: '--out',
          cause,
        },
      );
    });
    lines.push(`profile  ${out}`);
  }
  // The standard output is the program's.
  process.stderr.write(`\n${lines.join('\n')}\n`);
  process.exitCode = exitStatus(end);
}
