/**
 * Computes the rank of a matrix modulo a prime, by elimination.
 * @param entries row-major whole numbers, whose length `rows` divides
 * @param prime below 2^26, so that products fit into a double
 */
export function rankModulo(entries: ArrayLike<number>, rows: number, prime: number): number {
  return eliminate(Float64Array.from(entries), rows, entries.length / rows, prime);
}

/** Computes the same of the first rows * columns entries of `matrix`, which it changes. */
export function eliminate(matrix: Float64Array, rows: number, columns: number, prime: number): number {
  for (let index = 0; index < rows * columns; index++) {
    const rest = matrix[index] % prime;
    matrix[index] = rest < 0 ? rest + prime : rest;
  }
  let rank = 0;
  for (let column = 0; column < columns && rank < rows; column++) {
    let pivot = rank;
    while (pivot < rows && matrix[pivot * columns + column] === 0) pivot++;
    if (pivot === rows) continue;
    for (let k = column; k < columns; k++) {
      const kept = matrix[rank * columns + k];
      matrix[rank * columns + k] = matrix[pivot * columns + k];
      matrix[pivot * columns + k] = kept;
    }
    const head = matrix[rank * columns + column];
    for (let row = rank + 1; row < rows; row++) {
      const factor = matrix[row * columns + column];
      if (factor === 0) continue;
      // The row times the head of the pivot's row: no inverse is needed, and the rank stays.
      for (let k = column; k < columns; k++) {
        const cleared = (matrix[row * columns + k] * head - matrix[rank * columns + k] * factor) % prime;
        matrix[row * columns + k] = cleared < 0 ? cleared + prime : cleared;
      }
    }
    rank++;
  }
  return rank;
}
