import { expect } from 'vitest';
import { type Harness, INPUT_KINDS } from '../../agent/src/process/harness.js';

const SECONDS = 20;

/**
 * Checks that a child fills A and B as each kind of inputs says, and that it knows the baseline's small errors on all of them.
 * @param dimensions those of the child, with k of 40 at least
 */
export async function expectInputKinds(
  child: Harness,
  { m, k, n }: { readonly m: number; readonly k: number; readonly n: number },
): Promise<void> {
  for (const kind of INPUT_KINDS) {
    await child.fillRandom(kind, SECONDS);
    const [a, b] = [await child.show('A', SECONDS), await child.show('B', SECONDS)];
    expect([a.length, b.length]).toEqual([m * k, k * n]);
    const [smallest, largest] = [Math.min(...a, ...b), Math.max(...a, ...b)];
    if (kind === 'positive') expect(smallest).toBeGreaterThanOrEqual(0);
    else expect(smallest).toBeLessThan(-0.9);
    if (kind === 'badly-scaled') expect(largest).toBeGreaterThan(16);
    else expect(largest).toBeGreaterThan(0.9);
    if (kind !== 'badly-scaled') expect(largest).toBeLessThanOrEqual(1);
    // The mean size of each column of A over that of its row of B, on the scale of powers of two.
    const ratios = Array.from({ length: k }, (_, l) => {
      const column = sizeOf(Array.from({ length: m }, (_, i) => a[i * k + l]));
      return column - sizeOf(b.slice(l * n, (l + 1) * n));
    });
    const spread = Math.max(...ratios) - Math.min(...ratios);
    if (kind === 'badly-scaled') expect(spread).toBeGreaterThan(8);
    else expect(spread).toBeLessThan(4);
    await child.run('B', SECONDS);
    const { relativeError, componentwiseError } = await child.errors(SECONDS);
    expect(relativeError).toBeLessThan(1e-6);
    expect(componentwiseError).toBeLessThan(1e-6);
    expect(componentwiseError).toBeGreaterThan(0);
  }
}

/** Computes the mean of log2 of the magnitudes. */
function sizeOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + Math.log2(Math.abs(value) || 2 ** -24), 0) / values.length;
}
