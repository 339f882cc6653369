import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const MAIN = fileURLToPath(new URL('../dist/bench/main.js', import.meta.url));

function bench(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [MAIN, ...args], { encoding: 'utf8' });
}

describe('npm run bench', () => {
  it('lists every bench with one line without a name', () => {
    const { status, stdout } = bench();
    expect(status).toBe(0);
    expect(stdout).toMatch(/^ {2}search +simulations a second of the tree search alone$/m);
  });

  it('runs the bench that is named', () => {
    const { status, stdout } = bench('search', '--seconds', '0');
    expect(status).toBe(0);
    expect(stdout.trim().split('\n')).toHaveLength(2);
    expect(stdout).toMatch(/^<2,2,2>, K = 32, 8 games: \d+ simulations\/s, \d+ µs each$/m);
  });

  it.each([
    [['nonsense'], 'There is no bench "nonsense"; `npm run bench` lists them.'],
    [['toString'], 'There is no bench "toString"; `npm run bench` lists them.'],
    [['search', '--sceonds', '1'], "Unknown option '--sceonds'; `npm run bench search -- --help` lists the options."],
    [['search', '--seconds', 'x'], '--seconds must be a number from 0 to 3600, not "x".'],
    [
      ['acting', '--open-alphatensor', 'nowhere'],
      '"nowhere" has no open_alpha_tensor/core/actors/stage.py; give --open-alphatensor the folder optimization/open_alpha_tensor of a clone of github.com/nebuly-ai/nebuly.',
    ],
    [['lambda', 'again', 'no.json'], '"no.json" cannot be read: there is no such file.'],
    [['lambda', 'again', 'package.json'], '"package.json" is not a file that npm run bench lambda -- --save wrote.'],
  ])('refuses %j in one sentence', (args, sentence) => {
    const { status, stdout, stderr } = bench(...args);
    expect({ status, stdout, stderr }).toEqual({ status: 2, stdout: '', stderr: `error: ${sentence}\n` });
  });
});
