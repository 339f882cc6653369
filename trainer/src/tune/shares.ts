/** The time that a problem needs whatever its size (compiling, starting, checking), in products that take a second. */
const FIXED_SECONDS = 20;
/** Products in the measurements of one problem, all programs together. */
const PRODUCTS = 60;

/**
 * Gives the next problem its share of the time that is left: in proportion to what it needs, so what earlier problems saved goes to those
 * that follow.
 * @param productSeconds of the problems that are left, the next one first
 */
export function nextShare(secondsLeft: number, productSeconds: readonly number[]): number {
  const needs = productSeconds.map((seconds) => FIXED_SECONDS + PRODUCTS * seconds);
  return (secondsLeft * needs[0]) / needs.reduce((sum, need) => sum + need, 0);
}
