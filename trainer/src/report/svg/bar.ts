import type { RatioEstimate } from '@alphatensor-edge/shared';
import type { Answer } from '../answer.js';
import { type Markup, markup } from '../markup.js';
import { px } from './elements.js';
import { linearScale } from './scale.js';

const [WIDTH, HEIGHT] = [110, 12];

/** Computes the domain that all bars of a table share. It begins a little below 1, where the bars begin. */
export function speedupBarDomain(answers: readonly Answer[]): [number, number] {
  const intervals = answers.flatMap(({ choice }) => (choice === null ? [] : [choice.speedup]));
  return [0.98, Math.max(1.05, ...intervals.map(({ high }) => high))];
}

/** Draws a speed-up as a small bar from 1 on, with its interval. The figures stand beside it, so it is hidden from screen readers. */
export function speedupBar({ estimate, low, high }: RatioEstimate, domain: readonly [number, number]): Markup {
  const x = linearScale(domain, [0, WIDTH - 1]);
  const end = Math.max(x(1), x(estimate));
  return markup`<svg class="bar" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" aria-hidden="true"><rect x="${px(x(1))}" y="2" width="${px(end - x(1))}" height="8" rx="1"/><path d="M${px(x(1))} 0V12" class="one"/><path d="M${px(x(low))} 6H${px(x(high))}M${px(x(low))} 3V9M${px(x(high))} 3V9" class="interval"/></svg>`;
}
