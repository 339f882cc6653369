import { describe, expect, it } from 'vitest';
import { Bindings, parseNamedSize } from '../../../../trainer/src/shapes/bindings.js';

describe('--dim', () => {
  it.each([
    ['batch=8', ['batch', 8]],
    ['images[0]=4', ['images[0]', 4]],
    ['a=b=3', ['a=b', 3]],
  ])('reads %s', (text, expected) => {
    expect(parseNamedSize(text)).toEqual(expected);
  });

  it.each(['batch', 'batch=', '=8', 'batch=0', 'batch=-1', 'batch=1.5', 'batch=99999999999'])('refuses %s', (text) => {
    expect(() => parseNamedSize(text)).toThrow(`"${text}" is not a dimension; write NAME=SIZE, such as batch=8.`);
  });
});

describe('Bindings', () => {
  it.each([
    ['past', 5],
    ['past + 1', 6],
    ['2*past+new', 13],
    ['past - 2 + new*new', 12],
    ['past-2', undefined],
    ['past + other', undefined],
    ['past - 9', undefined],
  ])('gives the size of "%s"', (name, size) => {
    expect(new Bindings(Object.entries({ past: 5, new: 3 })).sizeOf(name)).toBe(size);
  });

  it('lists which names are missing, and which were not asked for', () => {
    const bindings = new Bindings(Object.entries({ past: 5, spare: 1 }));
    for (const name of ['past + new', 'x-y', 'past']) bindings.require(name);
    expect(bindings.missing).toEqual(['new', 'x-y']);
    expect(bindings.unused).toEqual(['spare']);
  });
});
