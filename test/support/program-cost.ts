import type { Factorization as FactorizationMessage, ProgramCost } from '@alphatensor-edge/proto';

/** Describes a program that shares no sums, as an agent could: one level, without padding. */
export function costOf(
  { n, m, p, rank, u, v, w }: FactorizationMessage,
  problem: { readonly m: number; readonly k: number; readonly n: number },
): ProgramCost {
  const block = { m: problem.m / n, k: problem.k / m, n: problem.n / p };
  const pass = (coefficients: readonly number[], sums: number, elements: number) => {
    const summands = coefficients.filter((x) => x !== 0).length;
    return {
      additions: (summands - sums) * elements,
      valuesAlive: 2,
      bytes: 4 * elements * (summands + sums),
    };
  };
  return {
    refusal: '',
    products: rank,
    multiplyAdds: rank * block.m * block.k * block.n,
    a: pass(u!.coefficients, rank, block.m * block.k),
    b: pass(v!.coefficients, rank, block.k * block.n),
    c: pass(w!.coefficients, n * p, block.m * block.n),
    workspaceBytes: 0,
  };
}
