import { blasText } from '@alphatensor-edge/proto';
import { OPTION_WORDS, usableThreads } from '@alphatensor-edge/shared';
import { Command } from 'commander';
import { describeBackends } from '../backends/backends.js';
import { namedProblems } from '../blas/named.js';
import { describeDevice } from '../device/describe.js';
import { threadWords } from '../doctor/words.js';

/** Makes `at-agent describe`, which shows what trainers will see: this device and the backends that work on it. */
export function describeCommand(): Command {
  return new Command('describe')
    .description('say what this device is and which backends and BLAS libraries work on it')
    .option('--json', OPTION_WORDS.json)
    .addHelpText('after', '\nExamples:\n  at-agent describe\n  at-agent describe --json')
    .action(describe);
}

function quotaWords(quota: number | undefined): string {
  return quota === undefined ? '' : `; a CPU quota of ${quota}, so up to ${threadWords(usableThreads(quota))}`;
}

async function describe({ json }: { json?: true }): Promise<void> {
  const device = await describeDevice();
  const backends = await describeBackends();
  const problems = await namedProblems();
  if (json) {
    process.stdout.write(`${JSON.stringify({ device, backends, problems }, null, 2)}\n`);
    return;
  }
  const gib = (bytes: number): string => `${(bytes / 1024 ** 3).toFixed(1)} GiB`;
  const lines = [
    `host      ${device.hostname}, ${device.os}, kernel ${device.kernel}`,
    `cpu       ${device.cpuModel}, ${device.physicalCores} cores, ${device.logicalCores} threads, ${device.vectorIsa}${quotaWords(device.cpuQuota)}`,
    `memory    ${gib(device.memoryBytes)}`,
    ...device.gpus.map((gpu) => `gpu       ${gpu}`),
    ...backends.map(({ name, available, compiler, reason }) => `${name.padEnd(9)} ${available ? compiler : reason}`),
    ...(backends.find(({ available }) => available)?.blas ?? []).map(
      (blas, index) => `${index === 0 ? 'baseline ' : 'blas     '} ${blasText(blas)} ${blas.library}`,
    ),
    ...problems.map((problem) => `note      ${problem}`),
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}
