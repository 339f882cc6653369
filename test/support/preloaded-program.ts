import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AT_AGENT } from './agent-process.js';

// A program that knows nothing of what is put before its BLAS, and commands that run it.

const repositoryFile = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** `./program SIZE COUNT [STATUS|wait]` makes products, C = A B^T, in itself and one in a child, prints a sum, and ends with a status. */
const PROGRAM = `
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
void cblas_sgemm(int, int, int, int, int, int, float, const float *, int, const float *, int, float, float *, int);
static float a[40000], b[40000], c[40000];
static void multiply(int m, int n, int k) { cblas_sgemm(101, 111, 112, m, n, k, 1, a, k, b, k, 0, c, n); }
int main(int words, char **word) {
  const int size = atoi(word[1]), count = atoi(word[2]);
  for (int i = 0; i < 40000; i++) a[i] = (float)(i % 7 - 3), b[i] = (float)(i % 5 - 2);
  for (int i = 0; i < count; i++) multiply(size, size, size);
  if (fork() == 0) { multiply(40, 30, 20); return 0; }
  wait(NULL);
  printf("%g\\n", c[size + 1]);
  fflush(stdout);
  if (words > 3 && word[3][0] == 'w') pause();
  return words > 3 ? atoi(word[3]) : 0;
}
`;

/** Builds `program` and its BLAS, libplain.so, in a folder. @returns false without a compiler */
export function buildProgram(folder: string): boolean {
  writeFileSync(join(folder, 'program.c'), PROGRAM);
  const build = (...args: string[]): void => void execFileSync('gcc', args, { cwd: folder });
  const sources = [`-I${repositoryFile('agent/library/blas')}`, repositoryFile('test/support/blas/plain_blas.c')];
  try {
    build('-shared', '-fPIC', '-O1', '-DCOUNTER=plain_calls', ...sources, '-o', 'libplain.so');
    build('program.c', `-L${folder}`, '-lplain', `-Wl,-rpath,${folder}`, '-o', 'program');
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false;
    throw error;
  }
}

/** Starts a command of at-agent in a folder, with its state there. */
export function startIn(folder: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const child = spawn(process.execPath, [AT_AGENT, ...args], {
    cwd: folder,
    env: { ...process.env, ALPHATENSOR_STATE_DIR: join(folder, 'state'), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].on('data', (text) => {
      said[name] += text;
    });
  }
  const ended = once(child, 'close').then(([code]): { code: number; stdout: string; stderr: string } => ({
    code,
    ...said,
  }));
  return { child, ended };
}
