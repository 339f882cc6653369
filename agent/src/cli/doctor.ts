import { AlphaTensorError } from '@alphatensor-edge/shared';
import { Command } from 'commander';
import { diagnose } from '../device/doctor.js';

/** `at-agent doctor`: what is missing on this device, and how to mend it. Fails if nothing can measure. */
export function doctorCommand(): Command {
  return new Command('doctor')
    .description('check that this device can compile and measure, and say what to do where it cannot')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExamples:\n  at-agent doctor\n  at-agent doctor --json')
    .action(doctor);
}

const MARKS = { ok: 'ok     ', warning: 'warning', failed: 'failed ' } as const;

async function doctor({ json }: { json?: true }): Promise<void> {
  const diagnosis = await diagnose();
  if (json) process.stdout.write(`${JSON.stringify(diagnosis, null, 2)}\n`);
  else {
    for (const { name, status, detail, fix } of diagnosis.checks) {
      process.stdout.write(`${MARKS[status]} ${name}: ${detail}\n${fix === '' ? '' : `        ${fix}\n`}`);
    }
  }
  if (diagnosis.canMeasure) return;
  throw new AlphaTensorError(
    'UNAVAILABLE',
    'No backend works on this device; install a C compiler, for example with "apt-get install gcc libc6-dev".',
  );
}
