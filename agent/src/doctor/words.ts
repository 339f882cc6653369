/** Writes `1 thread`, `2 threads`. */
export function threadWords(count: number): string {
  return `${count} ${count === 1 ? 'thread' : 'threads'}`;
}

/** Writes `48 KiB`, `1.3 MiB`, `22.4 GiB`. */
export function bytesWords(bytes: number): string {
  const [unit, size] =
    bytes >= 1024 ** 3
      ? (['GiB', 1024 ** 3] as const)
      : bytes >= 1024 ** 2
        ? (['MiB', 1024 ** 2] as const)
        : (['KiB', 1024] as const);
  return `${Math.round((10 * bytes) / size) / 10} ${unit}`;
}

/** Writes `0-3, 8`. */
export function ranges(numbers: readonly number[]): string {
  const sorted = [...numbers].sort((a, b) => a - b);
  const parts: [number, number][] = [];
  for (const number of sorted) {
    const last = parts.at(-1);
    if (last !== undefined && last[1] === number - 1) last[1] = number;
    else parts.push([number, number]);
  }
  return parts.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(', ');
}
