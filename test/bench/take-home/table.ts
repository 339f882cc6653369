import { inColumns, percent } from '@alphatensor-edge/agent/intercept/columns.js';
import type { RatioEstimate } from '@alphatensor-edge/shared';
import type { Measured } from './measure.js';
import type { Row } from './programs.js';

/** A row with what was measured, or why nothing was. */
export type Result = Row & ({ readonly measured: Measured } | { readonly missing: string });

/** Writes the table for people. @param maxError the largest error over the plain program's that is not marked */
export function tableLines(results: readonly Result[], maxError: number): string[] {
  const head = ['program', 'what', 'plain', 'own', '95 %', 'chosen', '95 %', 'error, own', 'chosen', 'taken', 'by'];
  const cells = results.flatMap((result) => ('measured' in result ? [cellsOf(result, result.measured, maxError)] : []));
  const isFigure = [false, false, true, true, true, true, true, true, true, true, false];
  return [
    ...inColumns([head, ...cells], isFigure),
    ...results.flatMap((result) =>
      'missing' in result ? [`${result.program}, ${result.what}: not measured: ${result.missing}`] : [],
    ),
    ...kernelLines(results),
  ];
}

function cellsOf(
  { program, what, isSmall }: Row,
  { look, medianSeconds, ratios, errors }: Measured,
  maxError: number,
): string[] {
  const { own, chosen } = ratios;
  const times = (error: number): string => (errors === null ? '' : (error / errors.plain).toFixed(2));
  const isOver = errors !== null && errors.chosen > maxError * errors.plain;
  const figures = isSmall ? 4 : 2;
  return [
    ...[program, what, `${(1000 * medianSeconds.plain).toFixed(1)} ms`],
    ...[
      own.estimate.toFixed(figures),
      interval(own, figures),
      chosen.estimate.toFixed(figures),
      interval(chosen, figures),
    ],
    ...[
      errors === null ? '' : times(errors.own),
      errors === null ? '' : `${isOver ? 'over ' : ''}${times(errors.chosen)}`,
    ],
    percent(look.takenCalls / Math.max(1, look.calls)),
    [...look.algorithms, ...look.reasons.map((reason) => `BLAS: ${reason}`)].join(', '),
  ];
}

function interval({ low, high }: RatioEstimate, figures: number): string {
  return `${low.toFixed(figures)}..${high.toFixed(figures)}`;
}

/** What each plain program computes with: as it says itself, else as its BLAS says. */
function kernelLines(results: readonly Result[]): string[] {
  const lines = results.flatMap((result) => {
    if (!('measured' in result)) return [];
    const { kernels, look } = result.measured;
    return [`${result.program} uses ${kernels || look.libraries.join('; ') || 'no shared BLAS'}`];
  });
  return [...new Set(lines)];
}
