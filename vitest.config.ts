import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { TotalsReporter } from './test/support/totals-reporter.js';

const source = (name: string): string => fileURLToPath(new URL(`./${name}/src/index.ts`, import.meta.url));

// Tests run the TypeScript sources of the packages, so that a failing line is the line one edits; tests that start
// the real commands (test/integration) use the build in dist/.
const shared = {
  resolve: {
    alias: {
      '@alphatensor-edge/shared': source('shared'),
      '@alphatensor-edge/proto': source('proto'),
    },
  },
};

const project = (name: string, testTimeout: number, later = false) => ({
  ...shared,
  test: {
    name,
    include: [`test/${name}/**/*.test.ts`],
    testTimeout,
    hookTimeout: testTimeout,
    // Tests that start the real commands come when nothing else runs any more. Their commands mostly wait, for each other and for
    // clocks, so that two files more than there are cores run at a time.
    ...(later ? { maxWorkers: availableParallelism() + 2, sequence: { groupOrder: 1 } } : {}),
  },
});

export default defineConfig({
  test: {
    reporters: ['default', new TotalsReporter()],
    // Left to itself, vitest leaves one core idle.
    maxWorkers: availableParallelism(),
    projects: [
      project('unit', 60_000),
      project('property', 60_000),
      project('golden', 60_000),
      project('conformance', 240_000),
      project('integration', 120_000, true),
    ],
  },
});
