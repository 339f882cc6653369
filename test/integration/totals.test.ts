import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const VITEST = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs');
const REPORTER = fileURLToPath(new URL('../support/totals-reporter.ts', import.meta.url));

// Test files of all kinds in a folder of their own, where vitest's functions are global: nothing is installed there.
const FILES = {
  'vitest.config.ts': `
    import { TotalsReporter } from ${JSON.stringify(REPORTER)};
    export default { test: { globals: true, reporters: ['default', new TotalsReporter()] } };`,
  'good.test.js': `it('holds', () => new Promise((resolve) => setTimeout(resolve, 200)));`,
  'skipped.test.js': `it('is skipped', (context) => context.skip(true, 'no such device'));`,
  'wrong.test.js': `it('does not hold', () => expect(1).toBe(2));`,
  'absent.test.js': `import './nothing.js';`,
  'hook.test.js': `describe('a hook', () => { beforeAll(() => { throw new Error('no'); }); it('waits', () => {}); });`,
  'late.test.js': `it('leaves a promise', () => void Promise.reject(new Error('nobody waits')));`,
};

describe('the last lines of a test run', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'at-totals-'));
    for (const [name, text] of Object.entries(FILES)) writeFileSync(join(folder, name), text);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** The lines that vitest prints at its end. */
  function run(...args: string[]): { status: number | null; lines: string[] } {
    const options = ['run', '--root', folder, '--config', join(folder, 'vitest.config.ts'), ...args];
    const { status, stdout } = spawnSync(process.execPath, [VITEST, ...options], { encoding: 'utf8' });
    expect(stdout).toMatch(/skipped\n$/);
    return { status, lines: stdout.trimEnd().split('\n') };
  }

  it('are the slowest tests, why others were skipped, and the totals', () => {
    const { status, lines } = run('good', 'skipped');
    expect(status).toBe(0);
    expect(lines.slice(-3)).toEqual([
      expect.stringMatching(/^slow: 0\.\d s good\.test\.js: holds$/),
      'skipped: skipped.test.js: is skipped — no such device',
      '1 passed, 0 failed, 1 skipped',
    ]);
  });

  it('count what failed in a test, a hook, a file that does not load and outside all of them', () => {
    const { status, lines } = run('good', 'wrong', 'absent', 'hook', 'late');
    expect(status).toBe(1);
    expect(lines.at(-1)).toBe('2 passed, 4 failed, 1 skipped');
  });

  it.each([
    ['no file is found', ['nothing'], '0 passed, 0 failed, 0 skipped'],
    ['all tests are skipped', ['skipped'], '0 passed, 0 failed, 1 skipped'],
  ])('tell a failure where %s', (_, args, totals) => {
    const { status, lines } = run(...args);
    expect(status).toBe(1);
    expect(lines.slice(-2)).toEqual(['No test ran.', totals]);
  });
});
