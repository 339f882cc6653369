/** Maps a domain to a range of pixels. */
export interface Scale {
  (value: number): number;
  readonly domain: readonly [number, number];
  readonly range: readonly [number, number];
  /** Lists about `count` round values inside the domain. */
  ticks(count: number): number[];
}

export function linearScale(domain: readonly [number, number], range: readonly [number, number]): Scale {
  const span = domain[1] - domain[0] || 1;
  const map = (value: number): number => range[0] + ((value - domain[0]) / span) * (range[1] - range[0]);
  return Object.assign(map, { domain, range, ticks: (count: number) => ticks(domain, count) });
}

/** Makes a scale for positive values, on which equal ratios have equal distances. */
export function logScale(domain: readonly [number, number], range: readonly [number, number]): Scale {
  const linear = linearScale([Math.log(domain[0]), Math.log(domain[1])], range);
  const map = (value: number): number => linear(Math.log(value));
  return Object.assign(map, { domain, range, ticks: (count: number) => ratioTicks(domain, count) });
}

/** Lists about `count` round values inside the domain, 1, 2 or 5 times a power of ten apart. */
export function ticks([low, high]: readonly [number, number], count: number): number[] {
  const step = niceStep((high - low) / count);
  if (!(step > 0)) return [low];
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) => (first + i) * step);
}

/** Beyond this ratio of a domain's ends, evenly spaced values would crowd at one end. */
const WIDE_RATIO = 4;

/** Lists round values for a domain of ratios, including 1 if it is inside. A wide domain gets 1, 2 and 5 times powers of ten. */
function ratioTicks([low, high]: readonly [number, number], count: number): number[] {
  if (high / low < WIDE_RATIO) return ticks([low, high], count);
  const [first, last] = [Math.floor(Math.log10(low)), Math.floor(Math.log10(high))];
  const powers = Array.from({ length: last - first + 1 }, (_, i) => 10 ** (first + i));
  return powers.flatMap((power) => [power, 2 * power, 5 * power]).filter((value) => value >= low && value <= high);
}

/** Counts the decimals that are needed to tell neighbouring ticks apart. */
export function tickDecimals(values: readonly number[]): number {
  if (values.length < 2) return 2;
  const step = Math.abs(values[1] - values[0]);
  return Math.min(6, Math.max(0, -Math.floor(Math.log10(step) + 1e-9)));
}

/** Computes the smallest domain with round ends that contains all values, with some room if they are equal. */
export function niceDomain(values: Iterable<number>, count = 4): [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (low > high) return [0, 1];
  if (low === high) return [low - (Math.abs(low) * 0.1 || 1), high + (Math.abs(high) * 0.1 || 1)];
  const step = niceStep((high - low) / count);
  return [Math.floor(low / step + 1e-9) * step, Math.ceil(high / step - 1e-9) * step];
}

function niceStep(raw: number): number {
  const power = 10 ** Math.floor(Math.log10(raw));
  const unit = raw / power;
  // A step that is a computed difference may be slightly above the round one.
  return ([1, 2, 5].find((round) => unit <= round * (1 + 1e-9)) ?? 10) * power;
}
