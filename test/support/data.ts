import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { TestContext } from 'vitest';

/** Published factorizations, kept beside the repository and not in it. */
const DATA = fileURLToPath(new URL('../../../shared/data/', import.meta.url));

/** The path of a file of the data folder. */
export function dataPath(...parts: string[]): string {
  return DATA + parts.join('/');
}

/** Skips the running test, with its reason, where the data folder is absent. */
export function needsData(context: TestContext): void {
  context.skip(!existsSync(DATA), 'the published factorizations (../shared/data) are not on this machine');
}
