import { AlphaTensorError, formatSize, loadFactorizations, OPTION_WORDS } from '@alphatensor-edge/shared';
import { Command } from 'commander';
import { type LevelAdditions, levelAdditions } from '../plan/level-additions.js';

/** Makes `at-agent additions`, which tells what the sums of an algorithm cost once common ones are shared. */
export function additionsCommand(): Command {
  return new Command('additions')
    .description('count the additions of algorithms, with common sums computed once, beside their error growth')
    .argument('<factorization...>', OPTION_WORDS.factorizations)
    .option('--json', OPTION_WORDS.json)
    .addHelpText(
      'after',
      '\nExamples:\n  at-agent additions winograd laderman\n  at-agent additions runs/accurate/factorizations/*.json --json',
    )
    .action(count);
}

/** Holds what is told of one algorithm. */
interface Counted extends LevelAdditions {
  readonly from: string;
}

async function count(names: string[], { json }: { json?: true }): Promise<void> {
  const counted: Counted[] = [];
  for (const name of names) {
    const records = await loadFactorizations(name);
    for (const { factorization } of records) {
      const from = records.length > 1 ? `${name} ${formatSize(factorization.size)}` : name;
      const additions = naming(from, () => levelAdditions(factorization));
      counted.push({ from, ...additions });
      if (!json) process.stdout.write(`${describe(counted[counted.length - 1])}\n`);
    }
  }
  if (json) process.stdout.write(`${JSON.stringify(counted.map(document), null, 2)}\n`);
}

function describe({ from, size, rank, nonzeros, growth, before, after, scalings }: Counted): string {
  const transforms = (['a', 'b', 'c'] as const).map((name) => `${name.toUpperCase()} ${after[name]}`).join(', ');
  const alone = scalings.total === 0 ? '' : `, ${scalings.total} ${scalings.total === 1 ? 'scaling' : 'scalings'}`;
  return (
    `${from}: ${formatSize(size).slice(0, -1)};${rank}>, growth ${growth.toFixed(3)}, ${nonzeros} nonzeros, ` +
    `${after.total} additions (${transforms}; ${before.total} before sharing)${alone}`
  );
}

/** Gives the size as the files of factorizations have it. */
function document({ from, size: { n, m, p }, ...rest }: Counted) {
  return { from, size: [n, m, p], ...rest };
}

/** Runs `work`; its errors say which algorithm they are about. */
function naming<T>(name: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof AlphaTensorError)) throw error;
    throw new AlphaTensorError(error.code, `${name}: ${error.message}`, { ...error.details, cause: error });
  }
}
