// Plants classic errors one at a time into a copy of the sources and runs the one test that guards the law:
//   npm run test:mutants [-- [--check] [part of a mutant's name]]
// Exit status 1 if a mutant survives, if its text is no longer in the sources exactly once, or if its test does not pass
// without it. --check only looks whether all texts and tests are there, without running anything.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { availableParallelism, tmpdir } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LAWS } from './catalogue.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const VITEST = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs');
const SOURCES = ['shared', 'proto', 'trainer', 'test'];
const SETTINGS = ['vitest.config.ts', 'tsconfig.base.json', 'package.json', 'agent/tsconfig.json'];
const LEFT_OUT = new Set(['node_modules', 'dist', 'data', 'checkpoints']);
/** After so long a test counts as failed: some errors only make it run forever. */
const TIMEOUT_MS = 300_000;

const args = process.argv.slice(2);
const wanted = args.filter((arg) => !arg.startsWith('--')).join(' ');
const mutants = Object.entries(LAWS)
  .flatMap(([law, planted]) => planted.map((mutant) => ({ law, ...mutant })))
  .filter(({ name }) => name.includes(wanted));

const problems = await Promise.all(mutants.map(problemOf));
const stale = problems.filter((problem) => problem !== undefined);
for (const problem of stale) console.error(problem);
if (mutants.length === 0) console.error(`No mutant is named like "${wanted}".`);
process.exitCode = stale.length > 0 || mutants.length === 0 ? 1 : 0;
if (process.exitCode === 0 && !args.includes('--check')) process.exitCode = (await runAll()) ? 0 : 1;

/** Why a mutant cannot be planted or tried; undefined if it can. */
async function problemOf({ name, file, find, test, title }) {
  const count = (await readFile(join(ROOT, file), 'utf8')).split(find).length - 1;
  if (count !== 1)
    return `"${name}": ${file} holds its text ${count} times instead of once; fix test/mutants/catalogue.mjs.`;
  const testFile = join(ROOT, 'test', test);
  if (!existsSync(testFile)) return `"${name}": there is no test/${test}.`;
  if (!(await readFile(testFile, 'utf8')).includes(title)) return `"${name}": test/${test} has no test "${title}".`;
  return undefined;
}

/** Whether all are killed, each by a test that passes without it. */
async function runAll() {
  const folder = await mkdtemp(join(tmpdir(), 'alphatensor-edge-mutants-'));
  try {
    const jobs = Math.min(2, availableParallelism());
    const copies = await Promise.all(Array.from({ length: jobs }, (_, index) => copySources(join(folder, `${index}`))));
    const laws = [...new Map(mutants.map((mutant) => [`${mutant.test} ${mutant.title}`, mutant])).values()];
    console.log(`${laws.length} tests without a mutant, then ${mutants.length} mutants, ${jobs} at a time`);
    const baseline = await inParallel(copies, laws, (copy, law) => runTest(copy, law));
    laws.forEach(({ test, title }, index) => {
      const { verdict, why } = baseline[index];
      if (verdict !== 'passed') console.error(`test/${test} "${title}" does not pass without a mutant. ${why}`);
    });
    if (baseline.some(({ verdict }) => verdict !== 'passed')) return false;

    const results = await inParallel(copies, mutants, async (copy, mutant) => {
      const began = performance.now();
      const { verdict, why } = await withMutant(copy, mutant, () => runTest(copy, mutant));
      const outcome = { failed: 'killed', passed: 'SURVIVED', broken: 'NOT TRIED' }[verdict];
      const seconds = ((performance.now() - began) / 1000).toFixed(0);
      console.log(`${outcome.padEnd(9)}  ${mutant.name} (${seconds} s)${verdict === 'failed' ? '' : `: ${why}`}`);
      return outcome;
    });
    printTable(results);
    const alive = results.filter((outcome) => outcome !== 'killed').length;
    console.log(`\n${results.length - alive} of ${results.length} mutants killed`);
    return alive === 0;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function copySources(copy) {
  const filter = (path) => !LEFT_OUT.has(basename(path));
  for (const part of [...SOURCES, ...SETTINGS])
    await cp(join(ROOT, part), join(copy, part), { recursive: true, filter });
  await symlink(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
  return copy;
}

/** Hands the items to the copies, one at a time each; results in the items' order. */
async function inParallel(copies, items, work) {
  const results = [];
  let next = 0;
  const take = async (copy) => {
    while (next < items.length) {
      const index = next++;
      results[index] = await work(copy, items[index]);
    }
  };
  await Promise.all(copies.map(take));
  return results;
}

async function withMutant(copy, { file, find, replace }, run) {
  const path = join(copy, file);
  const source = await readFile(path, 'utf8');
  await writeFile(
    path,
    source.replace(find, () => replace),
  );
  try {
    return await run();
  } finally {
    await writeFile(path, source);
  }
}

/** Runs one law's test alone: `failed` only if an assertion or an error inside it says so, `broken` if it did not run. */
async function runTest(copy, { test, title }) {
  const output = join(copy, 'result.json');
  await rm(output, { force: true });
  const pattern = title.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const options = ['--reporter=json', `--outputFile=${output}`, '--cache=false', '-t', pattern];
  const ended = await spawned([VITEST, 'run', '--root', copy, ...options, `test/${test}`], copy);
  if (ended === 'timeout') return { verdict: 'failed', why: 'it ran forever' };
  if (!existsSync(output)) return { verdict: 'broken', why: 'vitest wrote no result' };
  const { numPassedTests, numFailedTests, testResults } = JSON.parse(await readFile(output, 'utf8'));
  if (numFailedTests > 0) return { verdict: 'failed', why: '' };
  const failure = testResults.find(({ status, message }) => status === 'failed' || message);
  if (failure) return { verdict: 'broken', why: `${relative(copy, failure.name)}: ${failure.message}` };
  if (numPassedTests === 0) return { verdict: 'broken', why: 'no test has this title' };
  return { verdict: 'passed', why: `test/${test} "${title}" passes` };
}

function spawned(command, cwd) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, command, { cwd, stdio: 'ignore', detached: true });
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      // Its workers too.
      process.kill(-child.pid, 'SIGKILL');
    }, TIMEOUT_MS);
    child.on('error', reject);
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve(timedOut ? 'timeout' : code);
    });
  });
}

function printTable(results) {
  const width = Math.max(...mutants.map(({ name }) => name.length));
  let law;
  mutants.forEach((mutant, index) => {
    if (mutant.law !== law) console.log(`\n${mutant.law}`);
    law = mutant.law;
    console.log(`  ${results[index].padEnd(9)}  ${mutant.name.padEnd(width)}  ${mutant.test}`);
  });
}
