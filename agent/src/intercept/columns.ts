/** Writes rows in columns, two spaces apart; text on the left, figures on the right. */
export function inColumns(rows: readonly (readonly string[])[], isFigure: readonly boolean[]): string[] {
  const widths = isFigure.map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows.map((row) =>
    row
      .map((cell, column) => (isFigure[column] ? cell.padStart(widths[column]) : cell.padEnd(widths[column])))
      .join('  ')
      .trimEnd(),
  );
}

/** Writes a share, 0.1234 as 12.3 %. */
export function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

/** Writes seconds with three significant digits. */
export function secondsText(seconds: number): string {
  return seconds >= 100
    ? `${seconds.toFixed(0)} s`
    : seconds >= 1
      ? `${seconds.toFixed(2)} s`
      : `${(1000 * seconds).toPrecision(3)} ms`;
}

/** Names a product: `2048x4096x11008` for m, k, n as the caller has them, C is m x n. */
export function productWords({ m, k, n }: { readonly m: number; readonly k: number; readonly n: number }): string {
  return `${m}x${k}x${n}`;
}
