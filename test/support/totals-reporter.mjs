import { writeFileSync } from 'node:fs';

/**
 * A vitest reporter that writes {passed, failed, skipped: [{name, reason}]} to the file named by TEST_TOTALS_FILE. Vitest's
 * own JSON report leaves out why a test was skipped. Whatever failed outside a test (a file that does not load, an error
 * nobody caught) counts as one failure, so that the totals never look better than the run.
 */
export default class TotalsReporter {
  onTestRunEnd(modules, unhandledErrors) {
    const totals = { passed: 0, failed: unhandledErrors.length, skipped: [] };
    for (const module of modules) {
      totals.failed += module.errors().length;
      for (const suite of module.children.allSuites()) totals.failed += suite.errors().length;
      for (const test of module.children.allTests()) {
        const { state, note } = test.result();
        if (state === 'passed') totals.passed++;
        else if (state === 'failed') totals.failed++;
        else {
          const reason = note ?? (state === 'pending' ? 'the run ended before it' : 'no reason given');
          totals.skipped.push({ name: `${module.relativeModuleId}: ${test.fullName}`, reason });
        }
      }
    }
    writeFileSync(process.env.TEST_TOTALS_FILE, JSON.stringify(totals));
  }
}
