import { expect } from 'vitest';
import type { Ended } from './trainer-process.js';

/** One sentence on standard error, nothing on standard output, and a status of its own. */
export function expectRefusal({ code, stdout, stderr }: Ended, status: number, sentence: RegExp): void {
  expect(stderr).toMatch(sentence);
  expect(
    stderr
      .trim()
      .split('\n')
      .filter((line) => line.startsWith('error:')),
  ).toHaveLength(1);
  expect(stdout).toBe('');
  expect(code).toBe(status);
}
