import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest';
import type { GemmProfile } from '../../shared/src/index.js';
import { buildProgram, startIn } from '../support/preloaded-program.js';

// at-agent profile with a program that knows nothing of it, and a BLAS of its own.

const folder = mkdtempSync(join(tmpdir(), 'at-profile-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

let hasCompiler = false;
beforeAll(() => {
  hasCompiler = buildProgram(folder);
});
const start = (...args: string[]) => startIn(folder, ['profile', ...args]);

function needsCompiler(context: TestContext): void {
  context.skip(!hasCompiler, 'gcc is not on this machine');
}

describe('at-agent profile', () => {
  it('writes down the products of all processes, and ends as the program does', async (context) => {
    needsCompiler(context);
    const { code, stdout, stderr } = await start('--out', 'found.json', '--', './program', '80', '3', '7').ended;
    expect({ code, stdout }).toEqual({ code: 7, stdout: expect.stringMatching(/^-?\d+\n$/) });
    expect(stderr).toMatch(/^4 products of matrices took .* \(2 processes together\)\.$/m);
    expect(stderr).toMatch(/^80x80x80 +row, B transposed +f32 +\d+ +3 /m);
    const profile = JSON.parse(readFileSync(join(folder, 'found.json'), 'utf8')) as GemmProfile;
    expect(profile).toMatchObject({
      format: 'alphatensor-gemm-profile',
      command: ['./program', '80', '3', '7'],
      isComplete: true,
      processes: 2,
    });
    const calls = profile.products.map(({ m, n, k, calls, library }) => [m, n, k, calls, library]);
    const plain = join(folder, 'libplain.so');
    expect(calls.sort()).toEqual([
      [40, 30, 20, 1, plain],
      [80, 80, 80, 3, plain],
    ]);
  });

  it('passes signals on, and says that the program was ended by one', async (context) => {
    needsCompiler(context);
    const { child, ended } = start('--', './program', '80', '1', 'wait');
    await once(child.stdout, 'data');
    child.kill('SIGTERM');
    const { code, stderr } = await ended;
    expect(code).toBe(128 + constants.signals.SIGTERM);
    expect(stderr).toMatch(/profile {2}gemm-profile\.json$/m);
  });

  it('refuses what it cannot watch, and says where nothing was seen', async (context) => {
    needsCompiler(context);
    expect(await start('--', 'at-no-such-program').ended).toMatchObject({
      code: 5,
      stderr: expect.stringMatching(/^error: There is no program at-no-such-program in PATH; .*\n$/),
    });
    const { code, stderr } = await start('--', 'true').ended;
    expect(code).toBe(0);
    expect(stderr).toMatch(/No product was seen: the program multiplies no matrices/);
  });
});
