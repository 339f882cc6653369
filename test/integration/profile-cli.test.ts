import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest';
import type { GemmProfile } from '../../shared/src/index.js';
import { AT_AGENT } from '../support/agent-process.js';

// at-agent profile with a program that knows nothing of it, and a BLAS of its own.

const folder = mkdtempSync(join(tmpdir(), 'at-profile-test-'));
afterAll(() => rmSync(folder, { recursive: true }));
const repositoryFile = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

const PROGRAM = `
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
void cblas_sgemm(int, int, int, int, int, int, float, const float *, int, const float *, int, float, float *, int);
static float a[6400], b[6400], c[6400];
static void multiply(int m, int n, int k) { cblas_sgemm(101, 111, 112, m, n, k, 1, a, k, b, k, 0, c, n); }
int main(int count, char **words) {
  for (int i = 0; i < 3; i++) multiply(80, 40, 20);
  if (fork() == 0) { multiply(40, 30, 20); return 0; }
  wait(NULL);
  puts("out");
  fflush(stdout);
  if (words[1][0] == 'w') pause();
  return atoi(words[1]);
}
`;

let hasCompiler = false;
beforeAll(() => {
  try {
    writeFileSync(join(folder, 'program.c'), PROGRAM);
    const build = (...args: string[]) => execFileSync('gcc', args, { cwd: folder });
    const sources = [`-I${repositoryFile('agent/library/blas')}`, repositoryFile('test/support/blas/plain_blas.c')];
    build('-shared', '-fPIC', '-DCOUNTER=plain_calls', ...sources, '-o', 'libplain.so');
    build('program.c', `-L${folder}`, '-lplain', `-Wl,-rpath,${folder}`, '-o', 'program');
    hasCompiler = true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
});

function start(...args: string[]) {
  const child = spawn(process.execPath, [AT_AGENT, 'profile', ...args], {
    cwd: folder,
    env: { ...process.env, ALPHATENSOR_STATE_DIR: join(folder, 'state') },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) child[name].on('data', (text) => (said[name] += text));
  return { child, said, ended: once(child, 'close').then(([code]) => ({ code, ...said })) };
}

function needsCompiler(context: TestContext): void {
  context.skip(!hasCompiler, 'gcc is not on this machine');
}

describe('at-agent profile', () => {
  it('writes down the products of all processes, and ends as the program does', async (context) => {
    needsCompiler(context);
    const { code, stdout, stderr } = await start('--out', 'found.json', '--', './program', '7').ended;
    expect({ code, stdout }).toEqual({ code: 7, stdout: 'out\n' });
    expect(stderr).toMatch(/^4 products of matrices took .* \(2 processes together\)\.$/m);
    expect(stderr).toMatch(/^80x20x40 +row, B transposed +f32 +\d+ +3 /m);
    const profile = JSON.parse(readFileSync(join(folder, 'found.json'), 'utf8')) as GemmProfile;
    expect(profile).toMatchObject({
      format: 'alphatensor-gemm-profile',
      command: ['./program', '7'],
      isComplete: true,
      processes: 2,
    });
    const calls = profile.products.map(({ m, n, k, calls, library }) => [m, n, k, calls, library]);
    const plain = join(folder, 'libplain.so');
    expect(calls.sort()).toEqual([
      [40, 30, 20, 1, plain],
      [80, 40, 20, 3, plain],
    ]);
  });

  it('passes signals on, and says that the program was ended by one', async (context) => {
    needsCompiler(context);
    const { child, ended } = start('--', './program', 'w');
    await once(child.stdout, 'data');
    child.kill('SIGINT');
    const { code, stderr } = await ended;
    expect(code).toBe(128 + constants.signals.SIGINT);
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
