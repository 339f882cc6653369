import { describe, expect, it } from 'vitest';
import { boundBytes, parseWorkspaceBound } from '../../../shared/src/index.js';

describe('a bound on the workspace', () => {
  it.each([
    ['1x', 3000],
    ['0.5x', 1500],
    ['512MiB', 512 * 1024 ** 2],
    ['1.5GiB', 1.5 * 1024 ** 3],
    ['4096', 4096],
  ])('%s allows %d bytes beside matrices of 3000', (text, bytes) => {
    expect(boundBytes(parseWorkspaceBound(text), 3000)).toBe(bytes);
  });

  it.each(['', '0', '0x', '-1x', 'x', '1 x', '1MB', '1e3', '99999999GiB'])(
    'refuses "%s" and says what to write',
    (text) => {
      expect(() => parseWorkspaceBound(text)).toThrow(/bounds no workspace; write 1x/);
    },
  );
});
