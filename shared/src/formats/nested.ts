import { AlphaTensorError } from '../errors.js';
import { type Coefficient, isReal, parseCoefficient } from './coefficient.js';
import { multiply, type Rational, ZERO } from './rational.js';

/** Lists in lists of coefficients. */
export type Nested = Coefficient | readonly Nested[];

/** The deepest lists that any file of schemes has, and a few more. */
const MAX_DEPTH = 8;
const CLOSING: Readonly<Record<string, string>> = { '{': '}', '[': ']', '(': ')' };

export function isList(value: Nested): value is readonly Nested[] {
  return Array.isArray(value);
}

/**
 * Reads nested lists of numbers as Mathematica ({…}, Rational[1, 2]), Maple ([…], Matrix(2, 2, [[…]])) and Python ((…), np.array([…])) write
 * them, with an assignment before it or none. Of the arguments of a function only the list counts. Nothing is evaluated.
 * @throws AlphaTensorError UNSUPPORTED_FORMAT or INVALID_ARGUMENT
 */
export function parseNested(text: string): Nested {
  const reader = new NestedReader(withoutComments(text).replace(/^\s*[A-Za-z_$][\w$]*\s*:?=\s*/, ''));
  return reader.whole();
}

/** Gives what a function of numbers or of a list means: Rational[1, 2], Complex[0, 1], Matrix(2, 2, [[1, 0], [0, 1]]). */
function applied(name: string, items: readonly Nested[]): Nested {
  const [a, b] = items;
  if (/^(rational|fraction|complex)$/i.test(name) && items.length === 2 && !isList(a) && !isList(b)) {
    if (!isReal(a) || !isReal(b)) throw malformed(`${name} has complex arguments`);
    return /^complex$/i.test(name) ? { re: a.re, im: b.re } : { re: quotient(a.re, b.re), im: ZERO };
  }
  const lists = items.filter(isList);
  // Matrix([[…], […]]), np.array([…]); List[…] is the list itself.
  if (lists.length === 1) return lists[0];
  if (/^list$/i.test(name)) return items;
  throw malformed(`${name} is applied to ${lists.length === 0 ? 'no list' : `${lists.length} lists`}`);
}

function quotient(a: Rational, b: Rational): Rational {
  if (b.numerator === 0) throw malformed('it divides by zero');
  const inverse = { numerator: b.denominator * Math.sign(b.numerator), denominator: Math.abs(b.numerator) };
  return multiply(a, inverse);
}

function malformed(what: string): AlphaTensorError {
  return new AlphaTensorError('UNSUPPORTED_FORMAT', `The nested lists cannot be read: ${what}.`);
}

/** Without the comments of Mathematica, and those of Maple and Python. */
function withoutComments(text: string): string {
  return text.replace(/\(\*[\s\S]*?\*\)/g, ' ').replace(/^\s*#.*$/gm, '');
}

class NestedReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  whole(): Nested {
    const value = this.#value(0);
    const rest = this.#text.slice(this.#at).trim();
    if (!/^[;:,]*$/.test(rest)) throw malformed(`"${rest.slice(0, 20)}" follows its end`);
    return value;
  }

  #value(depth: number): Nested {
    if (depth > MAX_DEPTH) throw malformed(`its lists are more than ${MAX_DEPTH} deep`);
    this.#skip();
    const name = this.#match(/[A-Za-z_$][\w$.]*(?=\s*[[(])/y);
    this.#skip();
    const open = this.#text[this.#at];
    if (name !== undefined) return applied(name, this.#list(depth));
    if (open === '{' || open === '[' || (open === '(' && this.#isTuple())) return this.#list(depth);
    const scalar = this.#match(/(?:[^,[\]{}()]|\([^,[\]{}()]*\))+/y)?.trim() ?? '';
    if (scalar === '') throw malformed(`a coefficient is missing after "${this.#text.slice(0, this.#at).slice(-20)}"`);
    return parseCoefficient(scalar);
  }

  #list(depth: number): Nested[] {
    const close = CLOSING[this.#text[this.#at++]];
    const items: Nested[] = [];
    for (;;) {
      this.#skip();
      if (this.#text[this.#at] === close) break;
      // What a function is told beside its list: dtype=np.int32.
      if (this.#match(/[A-Za-z_]\w*\s*=\s*[\w.'"]+/y) === undefined) items.push(this.#value(depth + 1));
      this.#skip();
      if (this.#text[this.#at] === ',') this.#at++;
      else if (this.#text[this.#at] !== close)
        throw malformed(`"${close}" is missing at ${this.#text.slice(this.#at, this.#at + 20)}`);
    }
    this.#at++;
    return items;
  }

  /** Whether a parenthesis is a list of Python's, not one around a complex number. */
  #isTuple(): boolean {
    const inside = this.#text.slice(this.#at + 1);
    return /^[^)]*?[,[({]/.test(inside);
  }

  #skip(): void {
    this.#match(/\s+/y);
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    this.#at += found?.length ?? 0;
    return found;
  }
}
