import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { gainOf } from '@alphatensor-edge/agent/intercept/gain.js';
import { readProcessProfiles } from '@alphatensor-edge/agent/intercept/process-profile.js';
import { withPrivateFolder } from '@alphatensor-edge/agent/process/private-folder.js';
import { messageOf } from '@alphatensor-edge/shared';
import { programEnvironment } from '../environment.js';
import type { Libraries } from '../libraries.js';
import { netlibSuites } from './netlib.js';
import { pythonSuites } from './pytest.js';
import type { Outcomes, Suite, SuiteKind } from './suite.js';

/**
 * The library as it was tuned; every product by an algorithm; and, as the control, every product by the same engine without one: what
 * differs in the second alone is what the algorithm rounds, not how it is called.
 */
const MODES = [
  { mode: 'as tuned', library: 'chosen', settings: {} },
  { mode: 'always', library: 'chosen', settings: { FASTMM_MODE: 'always' } },
  { mode: 'always, own <1,1,1>', library: 'own', settings: { FASTMM_MODE: 'always' } },
] as const;

/** One run of a suite with the library. */
export interface ModeResult {
  readonly mode: (typeof MODES)[number]['mode'];
  readonly calls: number;
  readonly takenCalls: number;
  readonly tests: number;
  /** Tests whose outcome is another than in the run without the library. */
  readonly differences: readonly {
    readonly test: string;
    readonly plain: string;
    readonly now: string;
    readonly why: string;
  }[];
}

export type SuiteResult =
  | { readonly suite: string; readonly missing: string }
  | { readonly suite: string; readonly tests: number; readonly failed: number; readonly modes: readonly ModeResult[] };

/** Runs the tests of others without the library and with it. @param onResult gets each suite's when it is there: they take minutes */
export async function runSuites(
  kinds: readonly SuiteKind[],
  libraries: Libraries,
  { venv, threads }: { readonly venv: string; readonly threads: number },
  onResult: (result: SuiteResult) => void,
  signal: AbortSignal,
): Promise<SuiteResult[]> {
  const results: SuiteResult[] = [];
  const suites = [...netlibSuites(), ...pythonSuites(venv)].filter(({ kind }) => kinds.includes(kind));
  for (const suite of suites) {
    const result = await resultOf(suite, libraries, threads, signal);
    results.push(result);
    onResult(result);
  }
  return results;
}

async function resultOf(
  suite: Suite,
  libraries: Libraries,
  threads: number,
  signal: AbortSignal,
): Promise<SuiteResult> {
  const missing = suite.isMissing();
  if (missing !== undefined) return { suite: suite.name, missing };
  try {
    const running = (mode: string): unknown => process.stderr.write(`${suite.name}, ${mode}\n`);
    running('without the library');
    const plain = await withPrivateFolder((folder) => suite.run(folder, programEnvironment(threads), signal));
    const modes: ModeResult[] = [];
    for (const { mode, library, settings } of MODES) {
      running(mode);
      const result = await withPrivateFolder(async (folder) => {
        const [cwd, profiles] = ['run', 'profiles'].map((name) => join(folder, name));
        for (const each of [cwd, profiles]) mkdirSync(each);
        const more = { ...settings, FASTMM_PROFILE: join(profiles, '%p.json') };
        const now = await suite.run(cwd, programEnvironment(threads, libraries[library], more), signal);
        const { calls, takenCalls } = gainOf(readProcessProfiles(profiles));
        return { mode, calls, takenCalls, tests: now.size, differences: differencesOf(plain, now) };
      });
      modes.push(result);
    }
    const failed = [...plain.values()].filter(({ outcome }) => outcome === 'failed').length;
    return { suite: suite.name, tests: plain.size, failed, modes };
  } catch (error) {
    signal.throwIfAborted();
    return { suite: suite.name, missing: messageOf(error) };
  }
}

/** Lists the tests that came out otherwise, or in one run only. */
export function differencesOf(plain: Outcomes, now: Outcomes): ModeResult['differences'] {
  return [...new Set([...plain.keys(), ...now.keys()])].flatMap((test) => {
    const [before, after] = [plain.get(test), now.get(test)];
    if (before?.outcome === after?.outcome) return [];
    return { test, plain: before?.outcome ?? 'not run', now: after?.outcome ?? 'not run', why: after?.why ?? '' };
  });
}

/** Writes the results for people. */
export function suiteLines(results: readonly SuiteResult[]): string[] {
  return results.flatMap((result) => {
    if ('missing' in result) return [`${result.suite}: not run: ${result.missing}`];
    const { suite, tests, failed, modes } = result;
    return [
      `${suite}: ${tests} tests, of which ${failed} fail without the library`,
      ...modes.flatMap(({ mode, calls, takenCalls, differences }) => [
        `  ${mode}: ${takenCalls} of ${calls} products taken; ${differences.length === 0 ? 'no test differs' : `${differences.length} differ:`}`,
        ...differences.flatMap(({ test, plain, now, why }) => [
          `    ${test}: ${plain}, now ${now}`,
          ...why
            .split('\n')
            .filter((line) => line.trim() !== '')
            .slice(0, 8)
            .map((line) => `      ${line.trim()}`),
        ]),
      ]),
    ];
  });
}
