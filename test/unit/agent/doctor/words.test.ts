import { describe, expect, it } from 'vitest';
import { bytesWords, ranges } from '../../../../agent/src/doctor/words.js';

describe('the words of a diagnosis', () => {
  it('are short for bytes and ranges', () => {
    expect([32 * 1024, 1.25 * 2 ** 20, 24 * 2 ** 30].map(bytesWords)).toEqual(['32 KiB', '1.3 MiB', '24 GiB']);
    expect(ranges([3, 1, 2, 8])).toBe('1-3, 8');
    expect(ranges([])).toBe('');
  });
});
