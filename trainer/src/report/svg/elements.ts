import { type Markup, markup } from '../markup.js';
import { type Scale, tickDecimals } from './scale.js';

/** Width of a small panel, pixels. It fits a phone, and three fit side by side on a desktop. */
export const PANEL_WIDTH = 344;

/** Writes a coordinate with at most one decimal: a tenth of a pixel is enough and keeps the file small. */
export function px(value: number): string {
  return String(Math.round(value * 10) / 10);
}

/** Makes a drawing with a title for people who cannot see it. It shrinks with the page but never grows. */
export function svg(width: number, height: number, title: string, content: readonly Markup[]): Markup {
  return markup`<svg viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${title}"><title>${title}</title>${content}</svg>`;
}

export function text(
  x: number,
  y: number,
  content: string,
  className = '',
  anchor: 'start' | 'middle' | 'end' = 'start',
): Markup {
  return markup`<text x="${px(x)}" y="${px(y)}" class="${className}" text-anchor="${anchor}">${content}</text>`;
}

export function line(x1: number, y1: number, x2: number, y2: number, className: string): Markup {
  return markup`<line x1="${px(x1)}" y1="${px(y1)}" x2="${px(x2)}" y2="${px(y2)}" class="${className}"/>`;
}

/** Draws grid lines and numbers along the bottom, at `y`. The grid reaches up to `top`. */
export function bottomAxis(
  scale: Scale,
  y: number,
  top: number,
  format?: (value: number) => string,
  count = 5,
): Markup[] {
  const values = scale.ticks(count);
  const decimals = tickDecimals(values);
  const label = format ?? ((value: number) => value.toFixed(decimals));
  return values.flatMap((value) => [
    line(scale(value), top, scale(value), y, 'grid'),
    text(scale(value), y + 14, label(value), 'tick', 'middle'),
  ]);
}

/** Draws grid lines and numbers along the left, at `x`. The grid reaches to `right`. */
export function leftAxis(
  scale: Scale,
  x: number,
  right: number,
  format?: (value: number) => string,
  count = 4,
): Markup[] {
  const values = scale.ticks(count);
  const decimals = tickDecimals(values);
  const label = format ?? ((value: number) => value.toFixed(decimals));
  return values.flatMap((value) => [
    line(x, scale(value), right, scale(value), 'grid'),
    text(x - 6, scale(value) + 3.5, label(value), 'tick', 'end'),
  ]);
}

/** Draws a point whose shape and colour both tell the role: disc for found, diamond for reference, square for imported. */
export function marker(x: number, y: number, role: string): Markup {
  if (role === 'found') return markup`<circle cx="${px(x)}" cy="${px(y)}" r="4.5" class="mark found"/>`;
  const half = role === 'reference' ? 5.5 : 4;
  const points =
    role === 'reference'
      ? [
          [x, y - half],
          [x + half, y],
          [x, y + half],
          [x - half, y],
        ]
      : [
          [x - half, y - half],
          [x + half, y - half],
          [x + half, y + half],
          [x - half, y + half],
        ];
  return markup`<path d="M${points.map(([a, b]) => `${px(a)} ${px(b)}`).join('L')}Z" class="mark ${role}"/>`;
}

/** Draws a ring around a point: what is recommended. */
export function ring(x: number, y: number, radius = 8): Markup {
  return markup`<circle cx="${px(x)}" cy="${px(y)}" r="${radius}" class="ring"/>`;
}

/** Moves labels apart until neighbours are at least `gap` apart. Keeps their order and rough place. */
export function spread(wanted: readonly number[], gap: number, low: number, high: number): number[] {
  const order = wanted.map((y, index) => ({ y, index })).sort((a, b) => a.y - b.y);
  let floor = low;
  for (const label of order) {
    label.y = Math.max(label.y, floor);
    floor = label.y + gap;
  }
  let ceiling = high;
  for (const label of [...order].reverse()) {
    label.y = Math.min(label.y, ceiling);
    ceiling = label.y - gap;
  }
  const result = new Array<number>(wanted.length);
  for (const { y, index } of order) result[index] = y;
  return result;
}

/** Shortens a label that is too wide for its place (about 6.5 pixels a character at 11 px). */
export function shorten(label: string, pixels: number): string {
  const characters = Math.floor(pixels / 6.5);
  return label.length <= characters ? label : `${label.slice(0, characters - 1)}…`;
}
