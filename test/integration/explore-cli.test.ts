import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatFactorizationJson, loadFactorization, strassen, verify } from '@alphatensor-edge/shared';
import { afterAll, describe, expect, it } from 'vitest';
import { modulo3, moveScale } from '../support/factorizations.js';
import { type Ended, startTrainer, temporaryFolder } from '../support/trainer-process.js';

const folder = temporaryFolder();
afterAll(() => folder.remove());

const inFolder = (name: string): string => join(folder.path, name);
const start = (...options: string[]) => startTrainer(['explore', ...options], inFolder('config'));
const explore = (...options: string[]): Promise<Ended> => start(...options).ended;
const filesOf = (runDir: string): string[] =>
  readdirSync(join(runDir, 'factorizations')).map((name) => join(runDir, 'factorizations', name));
const verifyFiles = (files: readonly string[]): Promise<Ended> =>
  startTrainer(['verify', ...files, '--json'], inFolder('config')).ended;

interface Outcome {
  readonly reason: string;
  readonly bestRank: number;
  readonly bestIntegerRank?: number;
  readonly flips: number;
  readonly found: readonly { rank: number; hash: string; file: string; lifted: boolean }[];
}

describe('at-trainer explore', () => {
  it('finds Laderman’s rank, in files that verify accepts and that say where they come from', async () => {
    const runDir = inFolder('3x3x3');
    const { code, stdout } = await explore(
      ...['--size', '3,3,3', '--until-rank', '23', '--budget', '60s', '--workers', '2', '--run-dir', runDir, '--json'],
    );
    expect(code).toBe(0);
    const outcome = JSON.parse(stdout) as Outcome;
    expect(outcome).toMatchObject({ reason: 'rank', bestRank: 23, bestIntegerRank: 23, arithmetic: 'standard' });
    const verified = await verifyFiles(outcome.found.map(({ file }) => file));
    expect(verified.code).toBe(0);
    for (const { factorizations } of JSON.parse(verified.stdout)) {
      expect(factorizations).toMatchObject([{ origin: 'flip-graph', arithmetic: 'standard' }]);
    }
    const metrics = readFileSync(join(runDir, 'metrics.jsonl'), 'utf8').trim().split('\n');
    expect(JSON.parse(metrics.at(-1) as string)).toMatchObject({ bestRank: 23 });
  });

  it('lifts what it finds modulo 2, and repeats from its seed with one worker', async () => {
    const run = async (name: string): Promise<Outcome> => {
      const goal = [
        '--size',
        '2,2,3',
        '--arithmetic',
        'modulo-2',
        '--until-rank',
        '11',
        '--integers',
        '--budget',
        '60s',
      ];
      const { code, stdout } = await explore(
        ...goal,
        '--workers',
        '1',
        '--seed',
        '5',
        '--run-dir',
        inFolder(name),
        '--json',
      );
      expect(code).toBe(0);
      return JSON.parse(stdout) as Outcome;
    };
    const [first, second] = [await run('once'), await run('twice')];
    expect(first).toMatchObject({ bestRank: 11, bestIntegerRank: 11 });
    expect(first.found.at(-1)).toMatchObject({ rank: 11, lifted: true });
    const hashes = (outcome: Outcome) => outcome.found.filter(({ lifted }) => !lifted).map(({ hash }) => hash);
    expect(hashes(second)).toEqual(hashes(first));
    expect((await verifyFiles(filesOf(inFolder('once')))).code).toBe(0);
  });

  it('composes what it found at smaller sizes, and says so', async () => {
    const runDir = inFolder('composed');
    const goal = ['--size', '4,4,4', '--from', 'grow', '--until-rank', '49', '--budget', '60s'];
    const { code, stdout } = await explore(...goal, '--workers', '1', '--run-dir', runDir, '--json');
    expect(code).toBe(0);
    const outcome = JSON.parse(stdout) as Outcome;
    expect(outcome.found).toMatchObject([{ rank: 49, composed: true }]);
    const verified = await verifyFiles(filesOf(runDir));
    expect(verified.code).toBe(0);
    expect(JSON.parse(verified.stdout)[0].factorizations).toMatchObject([{ origin: 'composed', rank: 49 }]);
    const { notes } = JSON.parse(readFileSync(outcome.found[0].file, 'utf8'));
    expect(notes).toMatch(/product of two algorithms of smaller sizes, both found by a flip graph search/);
  });

  it('keeps what it found through Ctrl-C and kill -9, and goes on from it', async () => {
    const runDir = inFolder('stopped');
    const first = start('--size', '3,3,3', '--run-dir', runDir, '--workers', '1', '--json');
    await first.said('found rank 26');
    first.child.kill('SIGINT');
    const stopped = await first.ended;
    expect(stopped.code).toBe(130);
    const { reason, bestRank } = JSON.parse(stopped.stdout) as Outcome;
    expect(reason).toBe('aborted');

    const second = start('--run-dir', runDir, '--resume', '--workers', '1');
    await second.said(`the best so far, rank ${bestRank}`);
    second.child.kill('SIGKILL');
    await second.ended;
    expect((await verifyFiles(filesOf(runDir))).code).toBe(0);

    const third = await explore('--run-dir', runDir, '--resume', '--until-rank', '23', '--budget', '60s', '--json');
    expect(third.code).toBe(0);
    expect(JSON.parse(third.stdout)).toMatchObject({ bestRank: 23 });
    expect(JSON.parse(readFileSync(join(runDir, 'config.json'), 'utf8'))).toMatchObject({ sessions: 3 });
  });

  it('lifts what is exact modulo 3 to the rationals, halves among them, and says so', async () => {
    const { factorization } = await loadFactorization('2x4x5:32');
    const file = inFolder('modulo-3.json');
    writeFileSync(file, formatFactorizationJson({ factorization: modulo3(factorization), origin: 'imported' }));
    const from = ['--size', '2,4,5', '--from', file, '--workers', '1', '--run-dir', inFolder('halves')];
    const goal = ['--until-rank', '32', '--budget', '1m', '--json'];
    const { code, stdout, stderr } = await explore(...from, '--arithmetic', 'modulo-3', ...goal);
    expect(code).toBe(0);
    expect(stderr).toMatch(/found rank 32 \(\w{6}\), lifted to the rationals, with fractions, after /);
    const outcome = JSON.parse(stdout) as Outcome;
    expect(outcome).toMatchObject({ bestRank: 32, bestRationalRank: 32, arithmetic: 'modulo-3' });
    expect(outcome.bestIntegerRank).toBeUndefined();
    expect(outcome.found).toMatchObject([{ rank: 32, lifted: true, isInteger: false, arithmetic: 'standard' }]);
    const verified = await verifyFiles([file, ...outcome.found.map((found) => found.file)]);
    expect(JSON.parse(verified.stdout)).toMatchObject([
      { factorizations: [{ rank: 32, arithmetic: 'modulo-3' }] },
      { factorizations: [{ rank: 32, arithmetic: 'standard' }] },
    ]);
    const refused = await explore('--size', '2,4,5', '--from', file, '--arithmetic', 'modulo-2');
    expect(refused.code).toBe(2);
    expect(refused.stderr).toMatch(/A factorization modulo 3 cannot begin a search modulo 2\./);
  });

  it('makes a size from an algorithm of another one', async () => {
    const runDir = inFolder('from-another');
    const goal = ['--size', '2,3,2', '--from', 'strassen', '--until-rank', '11', '--budget', '60s'];
    const { code, stdout } = await explore(...goal, '--workers', '1', '--run-dir', runDir, '--json');
    expect(code).toBe(0);
    const outcome = JSON.parse(stdout) as Outcome;
    expect(outcome).toMatchObject({ bestRank: 11, from: 'strassen' });
    const files = outcome.found.filter(({ rank }) => rank === 11).map(({ file }) => file);
    const verified = await verifyFiles(files);
    expect(JSON.parse(verified.stdout)[0].factorizations).toMatchObject([{ size: { n: 2, m: 3, p: 2 }, rank: 11 }]);
    expect(JSON.parse(readFileSync(join(runDir, 'config.json'), 'utf8'))).toMatchObject({
      demonstrations: ['strassen'],
    });
  });

  it('searches all sizes until Ctrl-C, and goes on with the best of each', async () => {
    const runDir = inFolder('all');
    const until = async (said: string, ...options: string[]) => {
      const run = start(...options, '--workers', '1', '--run-dir', runDir, '--json');
      await run.said(said);
      run.child.kill('SIGINT');
      const { sizes } = JSON.parse((await run.ended).stdout) as { sizes: { size: object; bestRank: number }[] };
      return new Map(sizes.map(({ size, bestRank }) => [Object.values(size).join('x'), bestRank] as const));
    };
    const first = await until('found <2,2,3> rank 11', '--all', '--arithmetic', 'modulo-2');
    expect(first.get('2x2x3')).toBe(11);
    const second = await until('the best so far', '--resume');
    for (const [size, rank] of first) expect(second.get(size)).toBeLessThanOrEqual(rank);
  });

  it('counts a start with integer coefficients as such, also one whose scales hid that', async () => {
    const factorization = verify(moveScale(strassen(), 0, 2, 'v', 'u'));
    writeFileSync(inFolder('halves.json'), formatFactorizationJson({ factorization, origin: 'imported' }));
    const from = ['--size', '2,2,2', '--from', inFolder('halves.json'), '--run-dir', inFolder('known')];
    const goal = ['--until-rank', '7', '--integers', '--budget', '1m'];
    const { code, stdout } = await explore(...from, '--arithmetic', 'modulo-2', ...goal);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^best rank {2}7$/m);
  });

  it('ends with status 10 where the rank asked for was not found', async () => {
    const { code, stdout } = await explore(
      ...['--size', '2,2,2', '--until-rank', '6', '--budget', '3s', '--run-dir', inFolder('missed'), '--json'],
    );
    expect(code).toBe(10);
    expect(JSON.parse(stdout)).toMatchObject({ bestRank: 7, reason: 'budget', error: { code: 'GOAL_MISSED' } });
  });

  it.each([
    [[], /give --size n,m,p/],
    [['--size', '17,17,17'], /<17,17,17> has matrices of 289 entries.*at most 256/],
    [['--all', '--size', '3,3,3'], /leave out --all or --size/],
    [['--all', '--until-rank', '7'], /--until-rank needs one size/],
    [['--size', '3,3,4', '--symmetry', 'cyclic'], /--symmetry cyclic needs a size n,n,n/],
    [['--size', '2,2,2', '--workers', '0'], /--workers must be a whole number/],
    [['--resume'], /--resume needs --run-dir/],
    [['--resume', '--run-dir', '.', '--seed', '2'], /--seed cannot be changed with --resume/],
  ])('refuses %j with one sentence', async (options, sentence) => {
    const runDir = options.includes('--run-dir') ? [] : ['--run-dir', inFolder('refused')];
    const { code, stdout, stderr } = await explore(...options, ...(options.includes('--resume') ? [] : runDir));
    expect(code).toBe(2);
    expect(stderr).toMatch(sentence);
    expect(stderr.split('\n').filter((line) => line.startsWith('error:'))).toHaveLength(1);
    expect(stdout).toBe('');
    expect(existsSync(inFolder('refused'))).toBe(false);
  });
});
