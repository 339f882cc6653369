import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatFactorizationJson, strassen } from '@alphatensor-edge/shared';
import { afterAll, describe, expect, it } from 'vitest';
import { endAllAgents, startAgent } from '../support/agent-process.js';
import { modulo2 } from '../support/factorizations.js';
import { type Ended, startTrainer, temporaryFolder } from '../support/trainer-process.js';

const folder = temporaryFolder();
afterAll(() => {
  endAllAgents();
  folder.remove();
});

const inFolder = (name: string): string => join(folder.path, name);
const start = (...options: string[]) => startTrainer(['refine', ...options], inFolder('config'));
const refine = (...options: string[]): Promise<Ended> => start(...options).ended;

interface Point {
  readonly growth: number;
  readonly nonzeros: number;
  readonly additions: number;
  readonly file: string;
  readonly measured?: readonly { agent: string; speedup: { estimate: number }; relativeError: number }[];
}

interface Outcome {
  readonly results: readonly {
    readonly from: string;
    readonly before: { growth: number; nonzeros: number };
    readonly floor: number;
    readonly best: { growth: number; nonzeros: number; floor: number };
    readonly front: readonly Point[];
    readonly chains: number;
  }[];
}

describe('at-trainer refine', () => {
  it('makes Winograd’s form more accurate, in files that verify accepts and that say where they come from', async () => {
    const runDir = inFolder('winograd');
    const { code, stdout } = await refine('winograd', '--chains', '20', '--run-dir', runDir, '--json');
    expect(code).toBe(0);
    const [{ best, before, floor, front }] = (JSON.parse(stdout) as Outcome).results;
    expect(before).toEqual({ growth: Math.sqrt(7), nonzeros: 42, additions: 15 });
    expect(floor).toBeCloseTo(5 / 3, 6);
    expect(best.growth).toBeLessThanOrEqual(1.7);
    expect(best.nonzeros).toBeLessThanOrEqual(63);
    expect(readdirSync(join(runDir, 'factorizations'))).toHaveLength(front.length);
    const verified = await startTrainer(['verify', ...front.map(({ file }) => file), '--json'], inFolder('config'))
      .ended;
    expect(verified.code).toBe(0);
    (JSON.parse(verified.stdout) as { factorizations: object[] }[]).forEach(({ factorizations }, index) => {
      const { growth, nonzeros } = front[index];
      expect(factorizations).toMatchObject([{ rank: 7, growth, nonzeros, origin: 'symmetry' }]);
    });
    expect(JSON.parse(readFileSync(front[0].file, 'utf8')).notes).toMatch(
      /^Refined from winograd \(growth 2\.646, 42 nonzeros, 15 additions\) .*\(seed 1\)\.$/,
    );
  });

  it('goes on after a stop, and comes to what one run comes to', async () => {
    const figures = ({ stdout }: Ended) =>
      (JSON.parse(stdout) as Outcome).results.map(({ front, chains }) => ({
        chains,
        front: front.map(({ growth, nonzeros }) => [growth, nonzeros]),
      }));
    const whole = await refine('laderman', 'strassen', '--chains', '8', '--run-dir', inFolder('whole'), '--json');
    const runDir = inFolder('parts');
    await refine('laderman', 'strassen', '--chains', '4', '--workers', '1', '--run-dir', runDir, '--json');
    const second = await refine('--resume', '--chains', '8', '--workers', '2', '--run-dir', runDir, '--json');
    expect(figures(second)).toEqual(figures(whole));
    expect(JSON.parse(readFileSync(join(runDir, 'config.json'), 'utf8'))).toMatchObject({ sessions: 2 });
  });

  it('measures the front on an agent', async () => {
    const agent = await startAgent();
    const measuring = ['--agent', agent.address, '--problem', '64', '--measure-budget', '1s'];
    const { code, stdout } = await refine(
      'winograd',
      '--chains',
      '2',
      '--run-dir',
      inFolder('measured'),
      '--json',
      ...measuring,
    );
    const [{ front }] = (JSON.parse(stdout) as Outcome).results;
    const saved = JSON.parse(readFileSync(join(inFolder('measured'), 'refined.json'), 'utf8')) as Outcome['results'];
    for (const points of [front, saved[0].front]) {
      for (const { measured } of points) {
        expect(measured).toMatchObject([{ agent: agent.address, relativeError: expect.any(Number) }]);
        expect(measured?.[0].speedup.estimate).toBeGreaterThan(0);
      }
    }
    expect(code).toBe(0);
  });

  it('ends cleanly on Ctrl-C, with what it found', async () => {
    const runDir = inFolder('stopped');
    const running = start('laderman', '--budget', '10m', '--run-dir', runDir);
    await running.said(/growth 2\./);
    running.child.kill('SIGINT');
    const { code, stdout, stderr } = await running.ended;
    expect(code).toBe(130);
    expect(stdout).toMatch(/laderman: <3,3,3;23>, growth/);
    expect(stderr).toMatch(/continue with at-trainer refine --resume/);
    expect(readdirSync(join(runDir, 'factorizations')).length).toBeGreaterThan(0);
  });

  it.each([
    [[], /name a factorization/],
    [['MODULO2'], /is modulo 2, where nothing is rounded/],
    [['strassen', '--max-nonzeros', '0'], /--max-nonzeros must be/],
    [['strassen', '--resume'], /--resume needs --run-dir/],
    [['strassen', '--problem', '64'], /name one with --agent/],
  ])('refuses %j with one sentence', async (options, sentence) => {
    writeFileSync(
      inFolder('modulo2.json'),
      formatFactorizationJson({ factorization: modulo2(strassen()), origin: 'imported' }),
    );
    const { code, stdout, stderr } = await refine(
      ...options.map((option) => (option === 'MODULO2' ? inFolder('modulo2.json') : option)),
    );
    expect(code).toBe(2);
    expect(stderr).toMatch(sentence);
    expect(stdout).toBe('');
  });
});
