import { AlphaTensorError } from '../errors.js';
import {
  addCoefficients,
  type Coefficient,
  multiplyCoefficients,
  NO_COEFFICIENT,
  ONE_COEFFICIENT,
  parseCoefficient,
} from './coefficient.js';

/** What a formula is a sum of: numbers, entries of A, of B or of the product, or products of those of A and B. */
export type Kind = 'number' | 'a' | 'b' | 'c' | 'product';

/** A sum, by the key of what is added: `1,2` for an entry in row 1 and column 2, the index of a product, or nothing for a number. */
export interface Sum {
  readonly kind: Kind;
  readonly terms: ReadonlyMap<string, Coefficient>;
}

/** A product of a sum of entries of A and one of B, and in formulas of three factors one of the product's. */
export interface Product {
  readonly a: Sum;
  readonly b: Sum;
  c?: Sum;
}

const ENTRY = /^([abc])(?:_?(\d)_?(\d)|_?(\d+)_(\d+)|_?[[{](\d+),(\d+)[\]}]|\[(\d+)\]\[(\d+)\])$/;

/** Gives the kind and the key of an entry such as a12, a_1_12, a[1,12] or A_{1,12}; undefined for another name. */
export function entryOf(name: string): { readonly kind: 'a' | 'b' | 'c'; readonly key: string } | undefined {
  const [, letter, ...indices] = name.toLowerCase().match(ENTRY) ?? [];
  if (letter === undefined) return undefined;
  return {
    kind: letter as 'a' | 'b' | 'c',
    key: indices
      .filter((index) => index !== undefined)
      .map(Number)
      .join(','),
  };
}

/** Carries out formulas, one after another, and keeps the products that they make. */
export class Formulas {
  readonly products: Product[] = [];
  readonly #values = new Map<string, Sum>();
  #tokens: readonly string[] = [];
  #at = 0;

  /** Gives a name a value, for the formulas that follow. */
  assign(name: string, value: Sum): void {
    this.#values.set(name.toLowerCase(), value);
  }

  /** @throws AlphaTensorError UNSUPPORTED_FORMAT or INVALID_ARGUMENT */
  evaluate(formula: string): Sum {
    this.#tokens = tokensOf(formula);
    this.#at = 0;
    const value = this.#sum();
    if (this.#at < this.#tokens.length)
      throw malformed(`"${this.#tokens[this.#at]}" stands in "${formula.slice(0, 60)}" where an operator should`);
    return value;
  }

  #sum(): Sum {
    let value: Sum | undefined;
    do {
      const sign = this.#signs();
      const next = scaled(this.#factors(), sign);
      value = value === undefined ? next : added(value, next);
    } while (this.#tokens[this.#at] === '+' || this.#tokens[this.#at] === '-');
    return value;
  }

  /** Takes the signs before a summand: none, one, or several. */
  #signs(): Coefficient {
    let sign = 1;
    for (; this.#tokens[this.#at] === '+' || this.#tokens[this.#at] === '-'; this.#at++) {
      if (this.#tokens[this.#at] === '-') sign = -sign;
    }
    return parseCoefficient(sign);
  }

  #factors(): Sum {
    let value = this.#factor();
    for (;;) {
      const token = this.#tokens[this.#at];
      if (token === undefined || /^[-+)]$/.test(token)) return value;
      if (token === '/') {
        this.#at++;
        const divisor = this.#tokens[this.#at++];
        if (!/^[1-9]\d*$/.test(divisor ?? ''))
          throw malformed(`it divides by ${divisor ?? 'nothing'}; a whole number is needed`);
        value = scaled(value, parseCoefficient(`1/${divisor}`));
        continue;
      }
      if (token === '*') this.#at++;
      value = this.#multiplied(value, this.#factor());
    }
  }

  #factor(): Sum {
    const token = this.#tokens[this.#at++];
    if (token === '(') {
      const value = this.#sum();
      if (this.#tokens[this.#at++] !== ')') throw malformed('a ")" is missing');
      return value;
    }
    if (token === '-' || token === '+') return scaled(this.#factor(), parseCoefficient(token === '-' ? -1 : 1));
    if (token === undefined || /^[)*/]$/.test(token))
      throw malformed(`a factor is missing before ${token ?? 'the end of a line'}`);
    if (/^[\d.]/.test(token)) return number(parseCoefficient(token));
    const value = this.#values.get(token.toLowerCase());
    if (value !== undefined) return value;
    const entry = entryOf(token);
    if (entry !== undefined) return { kind: entry.kind, terms: new Map([[entry.key, ONE_COEFFICIENT]]) };
    if (/^i$/i.test(token)) return number(parseCoefficient('i'));
    throw malformed(`"${token.slice(0, 20)}" is no entry such as a11, and no earlier name`);
  }

  #multiplied(x: Sum, y: Sum): Sum {
    if (x.kind === 'number') return scaled(y, factorOf(x));
    if (y.kind === 'number') return scaled(x, factorOf(y));
    if (x.kind === 'b' && y.kind === 'a') return this.#multiplied(y, x);
    if (x.kind === 'a' && y.kind === 'b') {
      this.products.push({ a: x, b: y });
      return { kind: 'product', terms: new Map([[`${this.products.length - 1}`, ONE_COEFFICIENT]]) };
    }
    if (x.kind === 'product' && y.kind === 'c' && x.terms.size === 1) {
      const [[index, coefficient]] = x.terms;
      const product = this.products[Number(index)];
      if (product.c === undefined) {
        product.c = scaled(y, coefficient);
        return x;
      }
    }
    throw malformed(
      `it multiplies sums of ${KIND_WORDS[x.kind]} by sums of ${KIND_WORDS[y.kind]}; a bilinear algorithm multiplies sums of entries of A by sums of entries of B`,
    );
  }
}

const KIND_WORDS: Readonly<Record<Kind, string>> = {
  number: 'numbers',
  a: 'entries of A',
  b: 'entries of B',
  c: 'entries of the product',
  product: 'products',
};

function tokensOf(formula: string): string[] {
  const tokens = formula.match(
    /\d+(?:\.\d+)?|\.\d+|[A-Za-z]\w*(?:\s*[[{]\s*\d+\s*,\s*\d+\s*[\]}]|\[\d+\]\[\d+\])?|\S/g,
  );
  return (tokens ?? []).map((token) => token.replace(/\s+/g, ''));
}

function number(value: Coefficient): Sum {
  return { kind: 'number', terms: new Map([['', value]]) };
}

function factorOf({ terms }: Sum): Coefficient {
  return terms.get('') ?? NO_COEFFICIENT;
}

function scaled({ kind, terms }: Sum, factor: Coefficient): Sum {
  return { kind, terms: new Map([...terms].map(([key, value]) => [key, multiplyCoefficients(value, factor)])) };
}

function added(x: Sum, y: Sum): Sum {
  if (x.kind !== y.kind) throw malformed(`it adds ${KIND_WORDS[x.kind]} and ${KIND_WORDS[y.kind]}`);
  const terms = new Map(x.terms);
  for (const [key, value] of y.terms) terms.set(key, addCoefficients(terms.get(key) ?? NO_COEFFICIENT, value));
  return { kind: x.kind, terms };
}

/** Makes the error of everything that reads formulas. */
export function malformed(what: string): AlphaTensorError {
  return new AlphaTensorError('UNSUPPORTED_FORMAT', `The formulas cannot be read: ${what}.`);
}
