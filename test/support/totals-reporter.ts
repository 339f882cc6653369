import type { Reporter, TestCase, TestModule, Vitest } from 'vitest/node';

const SLOWEST = 20;
/** What takes less than this is not worth a line. */
const SLOW_SECONDS = 0.1;

interface Totals {
  passed: number;
  failed: number;
  readonly skipped: string[];
  readonly slow: { readonly name: string; readonly seconds: number }[];
}

/**
 * Tells, after everything that vitest says, why tests were skipped, which were the slowest, and alone on the last line the
 * totals. What failed outside a test (a file that does not load, an error nobody caught) counts as one failure, and a run
 * without any test fails, so that the totals never look better than the run.
 */
export class TotalsReporter implements Reporter {
  #totals: Totals = { passed: 0, failed: 0, skipped: [], slow: [] };

  onInit(vitest: Vitest): void {
    // Nothing may follow, and vitest itself may still say something when it closes.
    if (!vitest.config.watch) process.once('exit', () => this.#tell());
  }

  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const totals: Totals = { passed: 0, failed: unhandledErrors.length, skipped: [], slow: [] };
    for (const module of modules) {
      totals.failed += module.errors().length;
      for (const suite of module.children.allSuites()) totals.failed += suite.errors().length;
      for (const test of module.children.allTests()) count(test, totals);
    }
    this.#totals = totals;
  }

  #tell(): void {
    const { passed, failed, skipped, slow } = this.#totals;
    const slowest = slow.sort((a, b) => b.seconds - a.seconds).slice(0, SLOWEST);
    const isNothing = passed + failed === 0;
    const lines = [
      ...slowest.map(({ name, seconds }) => `slow: ${seconds.toFixed(1)} s ${name}`),
      ...skipped.map((line) => `skipped: ${line}`),
      ...(isNothing ? ['No test ran.'] : []),
      `${passed} passed, ${failed} failed, ${skipped.length} skipped`,
    ];
    process.stdout.write(`${lines.join('\n')}\n`);
    if ((failed > 0 || isNothing) && !process.exitCode) process.exitCode = 1;
  }
}

function count(test: TestCase, totals: Totals): void {
  const result = test.result();
  const name = `${test.module.relativeModuleId}: ${test.fullName}`;
  const seconds = (test.diagnostic()?.duration ?? 0) / 1000;
  if (seconds >= SLOW_SECONDS) totals.slow.push({ name, seconds });
  if (result.state === 'passed') totals.passed++;
  else if (result.state === 'failed') totals.failed++;
  else {
    const note = result.state === 'skipped' ? result.note : 'the run ended before it';
    totals.skipped.push(`${name} — ${note ?? 'no reason given'}`);
  }
}
