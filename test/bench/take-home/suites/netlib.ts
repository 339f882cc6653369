import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { textOf } from './run.js';
import type { Outcomes, Suite } from './suite.js';

/** Where Debian has the testers. */
const FOLDERS = ['x86_64', 'aarch64'].map((machine) => `/usr/lib/${machine}-linux-gnu/blas`);

/**
 * The testers of level 3, with what they read: those of Fortran run with the system's BLAS; those of C need variables that only Netlib's
 * own BLAS has, which Debian keeps in the same folder.
 */
const TESTERS = [
  ...['s', 'd'].map((letter) => ({ tester: `xblat3${letter}`, input: `${letter}blat3.in`, blas: undefined })),
  ...['s', 'd'].map((letter) => ({ tester: `x${letter}cblat3`, input: `${letter}in3`, blas: 'libblas.so.3' })),
];

/** Netlib's testers of the BLAS, level 3. */
export function netlibSuites(): Suite[] {
  const folder = FOLDERS.find((each) => existsSync(join(each, TESTERS[0].tester))) ?? FOLDERS[0];
  return TESTERS.map(({ tester, input, blas }) => ({
    kind: 'netlib',
    name: `Netlib ${tester}`,
    isMissing: () => {
      const missing = [
        ...(existsSync(join(folder, tester)) ? [] : ['libblas-test']),
        ...(blas === undefined || existsSync(join(folder, blas)) ? [] : ['libblas3']),
      ];
      return missing.length === 0 ? undefined : `install it with "apt-get install ${missing.join(' ')}"`;
    },
    run: async (cwd, env, signal) => {
      const read = readFileSync(join(folder, input), 'utf8');
      const own = blas === undefined ? env : { ...env, LD_LIBRARY_PATH: folder };
      const printed = await textOf([join(folder, tester)], { cwd, env: own, signal, input: read });
      // Those of Fortran write to a file.
      const written = readdirSync(cwd).filter((name) => name.toLowerCase().endsWith('.out'));
      const outcomes = outcomesOf(
        [printed, ...written.map((name) => readFileSync(join(cwd, name), 'utf8'))].join('\n'),
      );
      if (outcomes.size === 0) throw new Error(printed.trim().split('\n').at(-1) ?? 'it says nothing');
      return outcomes;
    },
  }));
}

/** Reads the report of a tester: for each function and layout, of its error exits and of its results. */
export function outcomesOf(report: string): Outcomes {
  const outcomes = new Map<string, { outcome: string; why: string }>();
  let layout = '';
  let suspect: { outcome: string; why: string } | undefined;
  for (const line of report.split('\n')) {
    const ratio = /MAXIMUM TEST RATIO +[\d.E+]+/.exec(line);
    if (ratio !== null && suspect !== undefined) suspect.why += `: ${ratio[0]}`;
    const of = /(row|column)-major/i.exec(line);
    if (of !== null) layout = `, ${of[0].toLowerCase()}`;
    const about = /^[ *]*(\w+) +(PASSED|FAILED|COMPLETED)\b(.*)/.exec(line);
    if (about === null) continue;
    const [, name, word, rest] = about;
    const test = `${name}${/ERROR-EXIT/.test(rest) ? ', error exits' : layout}`;
    // The next line has the largest ratio of an error to what is expected.
    if (word === 'PASSED') outcomes.set(test, { outcome: 'passed', why: '' });
    else {
      suspect = { outcome: 'failed', why: `${word} ${rest.trim()}`.trim() };
      outcomes.set(test, suspect);
    }
  }
  return outcomes;
}
