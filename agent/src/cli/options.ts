import { InvalidArgumentError } from 'commander';

/** A reader of an option's value, a whole number in [low, high]. */
export function wholeNumber(low: number, high: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= low && value <= high) return value;
    throw new InvalidArgumentError(`Write a whole number from ${low} to ${high}.`);
  };
}
