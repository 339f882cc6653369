import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Ended, exportLibrary, needs, run, testFolder } from '../../support/exported.js';

const folder = testFolder();

describe('an exported library', () => {
  const library = join(folder, 'winograd2');
  // A crossover that small makes the tests of what is above it quick.
  beforeAll(async () => {
    const { code, stderr } = await exportLibrary('winograd', '--levels', '2', '--crossover', '96', '--out', library);
    expect(stderr).toBe('');
    expect(code).toBe(0);
  });
  const make = (...args: string[]): Promise<Ended> => run('make', args, library);
  const PASSED = /^[1-9]\d* checks, 0 failed$/m;

  it('builds and passes its test over a BLAS with gcc', async (context) => {
    await needs(context, 'make', 'gcc');
    const { code, text } = await make('test');
    context.skip(text.includes('No BLAS was found'), 'there is no BLAS to link with');
    expect(text).not.toContain('warning');
    expect(text).toMatch(PASSED);
    expect(code).toBe(0);
  });

  it('times itself against the BLAS', async (context) => {
    await needs(context, 'make', 'gcc');
    const { code, text } = await make('bench', 'SIZE=200', 'ROUNDS=6');
    context.skip(text.includes('No BLAS was found'), 'there is no BLAS to link with');
    expect(text).toMatch(/sgemm: the BLAS, [\d.]+ GFLOP\/s/);
    expect(text.match(/GFLOP\/s {2}speed-up [\d.]+ \[[\d.]+, [\d.]+\]/g)).toHaveLength(6);
    expect(code).toBe(0);
  });

  it.for([
    ['gcc', '-march=native'],
    ['gcc', ''],
    ['clang', '-march=native'],
  ])('builds and passes its test without a BLAS: %s %s', async ([compiler, arch], context) => {
    await needs(context, 'make', compiler);
    const { code, text } = await make(
      'test',
      'BLAS=none',
      `CC=${compiler}`,
      `ARCH=${arch}`,
      `BUILD=${compiler}${arch}`,
    );
    expect(text).not.toContain('warning');
    expect(text).toMatch(PASSED);
    expect(code).toBe(0);
  });

  it('passes its test on an emulated ARM processor', async (context) => {
    await needs(context, 'make', 'aarch64-linux-gnu-gcc', 'qemu-aarch64');
    const built = await make(
      ...['BLAS=none', 'CC=aarch64-linux-gnu-gcc', 'ARCH=-march=armv8-a', 'BUILD=arm', 'arm/test'],
    );
    expect(built.text).not.toContain('warning');
    const { code, text } = await run('qemu-aarch64', ['-L', '/usr/aarch64-linux-gnu', 'arm/test'], library);
    expect(text).toMatch(PASSED);
    expect(code).toBe(0);
  });

  it('has a test that finds a wrong sign', async (context) => {
    await needs(context, 'make', 'gcc');
    const wrong = join(folder, 'wrong');
    await exportLibrary('strassen', '--dtype', 'f64', '--crossover', '96', '--out', wrong);
    const file = join(wrong, 'fastmm_f64.c');
    const source = readFileSync(file, 'utf8');
    const lastSubtraction = source.lastIndexOf('AT_SUB(');
    expect(lastSubtraction).toBeGreaterThan(0);
    writeFileSync(file, `${source.slice(0, lastSubtraction)}AT_ADD(${source.slice(lastSubtraction + 7)}`);
    const { code, text } = await run('make', ['test', 'BLAS=none', 'CFLAGS=-O1'], wrong);
    expect(text).toMatch(/^\d+ checks, [1-9]\d* failed$/m);
    expect(code).not.toBe(0);
  });

  it('names no place on this machine', () => {
    const own = [process.cwd(), homedir(), tmpdir(), library].filter((path) => path.length > 1);
    for (const name of readdirSync(library).filter((file) => /\.(c|h|md)$|^Makefile$/.test(file))) {
      const text = readFileSync(join(library, name), 'utf8');
      for (const path of own) expect(text, name).not.toContain(path);
    }
  });
});
