// Runs all tests with vitest, says why any were skipped, and ends with one line of totals:
//   node test/run.mjs [vitest's own options, for example --project unit]
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs');
const reporter = fileURLToPath(new URL('./support/totals-reporter.mjs', import.meta.url));
const root = fileURLToPath(new URL('..', import.meta.url));

const folder = await mkdtemp(join(tmpdir(), 'alphatensor-edge-tests-'));
try {
  const totalsFile = join(folder, 'totals.json');
  const args = [vitest, 'run', '--reporter=default', `--reporter=${reporter}`, ...process.argv.slice(2)];
  const exitCode = await run(process.execPath, args, { ...process.env, TEST_TOTALS_FILE: totalsFile });
  const totals = await readTotals(totalsFile);
  for (const { name, reason } of totals.skipped) console.log(`skipped: ${name} — ${reason}`);
  const ran = totals.passed + totals.failed;
  if (ran === 0) console.log('No test ran.');
  console.log(`${totals.passed} passed, ${totals.failed} failed, ${totals.skipped.length} skipped`);
  process.exitCode = exitCode !== 0 ? exitCode : ran === 0 || totals.failed > 0 ? 1 : 0;
} finally {
  await rm(folder, { recursive: true, force: true });
}

/** Runs a command in the terminal; its exit status, or 1 if a signal ended it. Ctrl-C reaches it directly and is its to handle. */
function run(command, args, env) {
  process.on('SIGINT', () => {});
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, env, stdio: 'inherit' });
    process.on('SIGTERM', () => child.kill('SIGTERM'));
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? 1));
  });
}

/** What the reporter wrote; nothing, where vitest ended before any test. */
async function readTotals(path) {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
    return { passed: 0, failed: 0, skipped: [] };
  }
}
