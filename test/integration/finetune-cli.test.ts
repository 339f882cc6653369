import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MEASUREMENTS_FILE, MeasurementStore } from '../../trainer/src/fleet/measurement-store.js';
import { type AgentProcess, endAllAgents, startAgent } from '../support/agent-process.js';
import { expectRefusal } from '../support/refusal.js';
import { type Ended, saveMicroCheckpoint, startTrainer, temporaryFolder } from '../support/trainer-process.js';

const folder = temporaryFolder();
let agent: AgentProcess;

beforeAll(async () => {
  agent = await startAgent();
}, 120_000);

afterAll(() => {
  endAllAgents();
  folder.remove();
});

const inFolder = (name: string): string => join(folder.path, name);
const trainer = (...options: string[]): Promise<Ended> => startTrainer(options, inFolder('config')).ended;

/** How many measurements a run has stored. */
function storedRows(runDir: string): number {
  const file = join(runDir, MEASUREMENTS_FILE);
  if (!existsSync(file)) return 0;
  const store = MeasurementStore.openReadOnly(file);
  try {
    return store.all().length;
  } finally {
    store.close();
  }
}

describe('at-trainer finetune', () => {
  const settings = (runDir: string): string[] => [
    'finetune',
    ...['--checkpoint', inFolder('micro'), '--run-dir', runDir, '--agent', agent.address],
    ...['--problem', '128', '--max-workspace', '1x', '--report-budget', '1s', '--tf-backend', 'wasm'],
    ...['--seed', '1', '--json'],
  ];

  beforeAll(() => saveMicroCheckpoint(inFolder('micro')));

  it('finds, measures, rewards and reports, alone on its run; Ctrl-C stops it and --resume goes on', async () => {
    const runDir = inFolder('run');
    const first = startTrainer(settings(runDir), inFolder('config'));
    await first.said(/found <1,1,2> of rank 2/);
    const [second, otherCommand] = await Promise.all([
      trainer('finetune', '--resume', '--run-dir', runDir, '--agent', agent.address),
      trainer('train', '--resume', '--run-dir', runDir),
    ]);
    expectRefusal(second, 8, /Another process is running in .*run; wait for it to end or use another --run-dir/);
    expectRefusal(otherCommand, 2, /is not a run of at-trainer train/);
    first.child.kill('SIGINT');
    expect((await first.ended).code).toBe(130);
    const newest = readdirSync(join(runDir, 'checkpoints')).sort().at(-1);

    const changed = await trainer('finetune', '--resume', '--run-dir', runDir, '--lambda', '3');
    expectRefusal(changed, 2, /--lambda cannot be changed with --resume/);

    const { code, stdout, stderr } = await trainer(
      'finetune',
      '--resume',
      '--run-dir',
      runDir,
      '--budget',
      '5s',
      '--json',
    );
    expect(stderr).toContain('TensorFlow.js runs on wasm');
    expect(code).toBe(0);
    const result = JSON.parse(stdout) as {
      step: number;
      bestRank: number;
      ranked: { relativeTime: number }[];
      report: { json: string; html: string };
    };
    expect(result.step).toBeGreaterThan(Number(newest?.slice('step-'.length)));
    expect(result.bestRank).toBe(2);
    expect(result.ranked.length).toBeGreaterThan(0);

    const config = JSON.parse(readFileSync(join(runDir, 'config.json'), 'utf8')) as { finetune: object };
    expect(config.finetune).toMatchObject({ maxWorkspace: { timesMatrices: 1 } });
    const metrics = readFileSync(join(runDir, 'metrics.jsonl'), 'utf8').trim().split('\n');
    expect(
      metrics.map((line) => JSON.parse(line) as { latencyBonus?: number }).some((line) => (line.latencyBonus ?? 0) < 0),
    ).toBe(true);

    const report = JSON.parse(readFileSync(result.report.json, 'utf8')) as {
      groups: {
        rows: {
          algorithm: { label: string };
          status: string;
          figures: { samples: unknown; speedup: unknown } | null;
        }[];
      }[];
    };
    const rows = report.groups.flatMap((group) => group.rows);
    expect(rows.map((row) => row.algorithm.label)).toEqual(
      expect.arrayContaining(['baseline', 'Strassen', 'Strassen²']),
    );
    expect(/from scratch/i.test(readFileSync(result.report.html, 'utf8'))).toBe(true);
  }, 240_000);

  it('refuses a folder that holds another run', async () => {
    expectRefusal(await trainer(...settings(inFolder('run')).slice(0, -1)), 2, /is not empty/);
  });

  it('waits for an agent that is killed in mid-measurement, says so, and goes on when it is back', async () => {
    const victim = await startAgent();
    const runDir = inFolder('killed');
    const run = startTrainer(
      [
        'finetune',
        '--checkpoint',
        inFolder('micro'),
        '--run-dir',
        runDir,
        '--agent',
        victim.address,
        '--problem',
        '128',
        '--tf-backend',
        'wasm',
        '--seed',
        '2',
      ],
      inFolder('config'),
    );
    await run.said(/found <1,1,2>/);
    await victim.end('SIGKILL');
    await run.said(/wait for it, up to 10 min/);
    const before = storedRows(runDir);
    await startAgent('--port', String(victim.port));
    await run.said(/answers again/);
    await expect.poll(() => storedRows(runDir), { timeout: 60_000 }).toBeGreaterThan(before);
    run.child.kill('SIGINT');
    expect((await run.ended).code).toBe(130);
  }, 240_000);
});
