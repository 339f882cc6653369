import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatFactorizationJson, strassen, winograd } from '@alphatensor-edge/shared';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AgentProcess, endAllAgents, startAgent } from '../support/agent-process.js';
import { freePort } from '../support/ports.js';
import { expectRefusal } from '../support/refusal.js';
import { type Ended, startTrainer, temporaryFolder } from '../support/trainer-process.js';

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

describe('at-trainer refuses bad input with one sentence and a status of its own', () => {
  it('a file that is not JSON', async () => {
    writeFileSync(inFolder('garbage.json'), '{"n": [2, 2');
    expectRefusal(await trainer('verify', inFolder('garbage.json')), 4, /garbage\.json.*JSON/);
  });

  it('a factorization that does not reconstruct', async () => {
    const text = formatFactorizationJson({ factorization: strassen(), origin: 'imported' });
    const wrong = JSON.parse(text) as { u: number[][] };
    wrong.u[0][0] = 2;
    writeFileSync(inFolder('wrong.json'), JSON.stringify(wrong));
    expectRefusal(await trainer('verify', inFolder('wrong.json')), 3, /do not reconstruct <2,2,2>/);
    expectRefusal(
      await trainer('benchmark', inFolder('wrong.json'), '--agent', agent.address),
      3,
      /do not reconstruct <2,2,2>/,
    );
  });

  it('a row of the wrong length', async () => {
    const file = JSON.parse(formatFactorizationJson({ factorization: strassen(), origin: 'imported' })) as {
      v: number[][];
    };
    file.v[3].pop();
    writeFileSync(inFolder('short.json'), JSON.stringify(file));
    expectRefusal(await trainer('verify', inFolder('short.json')), 2, /Row 3 of v has 3 entries/);
  });

  it('a missing file and an unknown name', async () => {
    expectRefusal(await trainer('verify', inFolder('absent.json')), 5, /absent\.json/);
  });

  it('what no game of a size can be grown from', async () => {
    const train = (path: string, size = '2,2,3'): Promise<Ended> =>
      trainer('train', '--size', size, '--grow-from', path, '--run-dir', inFolder('grown'));
    const save = (name: string, text: string): string => {
      writeFileSync(inFolder(name), text);
      return inFolder(name);
    };
    const right = formatFactorizationJson({ factorization: strassen(), origin: 'rl' });
    const wrong = JSON.parse(right) as { u: number[][] };
    wrong.u[0][0] = 2;
    const part = save('part.json', right);
    expectRefusal(
      await train(part, '2,2,2'),
      2,
      /part\.json \(<2,2,2> of rank 7, standard\) cannot be a part of <2,2,2>/,
    );
    expectRefusal(await train(part, '1,4,4'), 2, /cannot be a part of <1,4,4>: --grow-from takes .* smaller sizes/);
    expectRefusal(await train(save('no-part.json', JSON.stringify(wrong))), 3, /do not reconstruct <2,2,2>/);
    mkdirSync(inFolder('empty'));
    expectRefusal(await train(inFolder('empty')), 5, /empty holds no factorizations; give --grow-from a .*file/);
    expectRefusal(await train(inFolder('absent.json')), 5, /absent\.json/);
    expect(existsSync(inFolder('grown'))).toBe(false);
  });

  it('an unreachable agent', async () => {
    const address = `127.0.0.1:${await freePort()}`;
    expectRefusal(await trainer('benchmark', 'strassen', '--agent', address), 6, /No agent answers at 127\.0\.0\.1/);
  });

  it('an unknown backend, listing those available', async () => {
    expectRefusal(
      await trainer('benchmark', 'strassen', '--agent', agent.address, '--backend', 'fortran'),
      2,
      /"fortran" does not work on every agent \(on .*c-gcc/,
    );
  });

  it.each([
    [['benchmark', 'strassen', '--problem', '0x4x4'], /"0x4x4" is not a problem/],
    [['benchmark', 'strassen', '--threads', 'many'], /--threads must be a whole number/],
    [['train', '--size', '2,2'], /"2,2" is not a size/],
    [['train', '--budget', 'soon'], /"soon" is not a duration/],
    [['train', '--resume'], /--resume needs --run-dir/],
    [['finetune', '--agent', 'nonsense:port'], /HOST:PORT/],
  ])('%j', async (options, sentence) => {
    expectRefusal(await trainer(...options), 2, sentence);
  });

  it('an agent name that nobody added', async () => {
    expectRefusal(await trainer('benchmark', 'strassen', '--agent', 'nobody'), 5, /No agent is named "nobody"/);
  });

  it('with --json, as a document too', async () => {
    const { code, stdout } = await trainer('benchmark', 'strassen', '--agent', 'nobody', '--json');
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'NOT_FOUND' } });
    expect(code).toBe(5);
  });

  it('and the agent still serves', async () => {
    const { code, stdout } = await trainer('agents', 'describe', agent.address, '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ minProtocolVersion: 1 });
  });
});

describe('at-trainer', () => {
  it('names agents', async () => {
    expect((await trainer('agents', 'add', 'here', agent.address)).code).toBe(0);
    const nobody = `127.0.0.1:${await freePort()}`;
    expect((await trainer('agents', 'add', 'nobody-there', nobody)).code).toBe(0);
    const { stdout } = await trainer('agents', 'list', '--json');
    expect(JSON.parse(stdout)).toMatchObject([
      { name: 'here', address: agent.address, state: 'up', protocolVersion: 1, lastContact: expect.any(String) },
      { name: 'nobody-there', state: 'lost', lastContact: null, error: expect.stringContaining('No agent answers') },
    ]);
    for (const name of ['here', 'nobody-there']) expect((await trainer('agents', 'remove', name)).code).toBe(0);
  });

  it('imports what verify accepts', async () => {
    const { code, stdout } = await trainer('import', 'winograd', '--out', inFolder('schemes'), '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject([{ nonzeros: 42, growth: Math.sqrt(7) }]);
    const [{ file }] = JSON.parse(stdout) as [{ file: string }];
    const verified = await trainer('verify', file, '--json');
    expect(JSON.parse(verified.stdout)).toMatchObject([
      { exact: true, factorizations: [{ rank: 7, origin: 'imported', nonzeros: 42, growth: Math.sqrt(7) }] },
    ]);
    const { stdout: text } = await trainer('verify', file);
    expect(text).toMatch(/exact <2,2,2> of rank 7, 42 nonzeros, growth 2\.646, origin imported/);
  });

  it('prints one document about a benchmark, whose figures are those of its samples', async () => {
    writeFileSync(
      inFolder('winograd.json'),
      formatFactorizationJson({ factorization: winograd(), origin: 'imported' }),
    );
    const { code, stdout } = await trainer(
      'benchmark',
      inFolder('winograd.json'),
      ...['--agent', agent.address, '--problem', '250x130x190', '--dtype', 'f64', '--budget', '2s', '--json'],
    );
    expect(code).toBe(0);
    const { results } = JSON.parse(stdout) as { results: Record<string, unknown>[] };
    expect(results).toHaveLength(1);
    const [result] = results;
    expect(result).toMatchObject({ outcome: 'MEASURED', backend: 'c-gcc', problem: { m: 250, k: 130, n: 190 } });
    expect(result.compiler).toMatch(/gcc/);
    expect(result.relativeError).toBeLessThan(1e-13);
    const { baselineSeconds, candidateSeconds } = result.samples as Record<string, number[]>;
    expect(baselineSeconds).toHaveLength(candidateSeconds.length);
    const { speedup } = result as { speedup: { estimate: number; low: number; high: number } };
    const sorted = baselineSeconds.map((seconds, i) => seconds / candidateSeconds[i]).sort((a, b) => a - b);
    expect(speedup.estimate).toBeGreaterThanOrEqual(sorted[0]);
    expect(speedup.estimate).toBeLessThanOrEqual(sorted[sorted.length - 1]);
    expect(speedup.low).toBeLessThanOrEqual(speedup.high);
  });
});
