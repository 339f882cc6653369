import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

// A few seeded injections of each fault; npm run faults makes twenty, of long pauses too (docs/guide/faults.md).

interface Row {
  readonly kind: string;
  readonly skipped?: string;
  readonly injected: number;
  readonly jobs: number;
  readonly ends: Readonly<Record<string, number>>;
  readonly wrong: readonly string[];
}

const RUNNER = fileURLToPath(new URL('../faults/run.mjs', import.meta.url));

function inject(count: number, ...kinds: string[]): Promise<Row[]> {
  const named = kinds.flatMap((kind) => ['--kind', kind]);
  const options = ['--json', '--brief', '--count', String(count), ...named];
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [RUNNER, ...options], (_, stdout, stderr) =>
      stdout === '' ? reject(new Error(stderr)) : resolve((JSON.parse(stdout) as { rows: Row[] }).rows),
    );
  });
}

it('faults leave one terminal record a job, rewards that recompute, and nothing lost', async (context) => {
  const rows = (
    await Promise.all([
      inject(1, 'agent killed', 'agent paused', 'connection cut', 'compiler hangs', 'child crashes'),
      inject(1, 'trainer killed', 'disk full on the trainer'),
      inject(1, 'disk full on the agent'),
    ])
  ).flat();
  expect(rows).toHaveLength(8);
  for (const row of rows.filter(({ skipped }) => skipped === undefined)) {
    expect(row).toMatchObject({ injected: 1, wrong: [] });
    expect(row.jobs, row.kind).toBeGreaterThan(0);
    expect(Object.values(row.ends).reduce((sum, count) => sum + count)).toBe(row.jobs);
  }
  expect(rows.find(({ kind }) => kind === 'compiler hangs')?.ends).toEqual({ TIMEOUT: 1, MEASURED: 1 });
  const skipped = rows.filter((row) => row.skipped !== undefined);
  context.skip(skipped.length > 0, skipped.map((row) => `${row.kind}: ${row.skipped}`).join('; '));
}, 240_000);
