/**
 * Inverts a matrix [order, order], row-major, by Gauss–Jordan with pivoting. This is exact for small dyadic matrices with a power of two as
 * determinant.
 */
export function inverseOf(matrix: readonly number[], order: number): number[] {
  const rows = Array.from({ length: order }, (_, i) => [
    ...matrix.slice(i * order, (i + 1) * order),
    ...Array.from({ length: order }, (_, j) => (i === j ? 1 : 0)),
  ]);
  for (let column = 0; column < order; column++) {
    let pivot = column;
    for (let i = column; i < order; i++) if (Math.abs(rows[i][column]) > Math.abs(rows[pivot][column])) pivot = i;
    [rows[column], rows[pivot]] = [rows[pivot], rows[column]];
    const scale = rows[column][column];
    rows[column] = rows[column].map((x) => x / scale);
    for (let i = 0; i < order; i++) {
      const factor = rows[i][column];
      if (i !== column && factor !== 0) rows[i] = rows[i].map((x, j) => x - factor * rows[column][j]);
    }
  }
  return rows.flatMap((row) => row.slice(order));
}
