import { AlphaTensorError } from '@alphatensor-edge/shared';

/** A name and its size, as `--dim batch=8` gives them. */
export type NamedSize = readonly [name: string, size: number];

const MOST_SIZE = 2 ** 31 - 1;

/** Reads `batch=8`. The name may hold anything, so the last = counts. @throws AlphaTensorError INVALID_ARGUMENT */
export function parseNamedSize(text: string): NamedSize {
  const at = text.lastIndexOf('=');
  const [name, digits] = [text.slice(0, at), text.slice(at + 1)];
  const size = /^\d+$/.test(digits) ? Number(digits) : Number.NaN;
  if (at > 0 && size >= 1 && size <= MOST_SIZE) return [name, size];
  throw new AlphaTensorError('INVALID_ARGUMENT', `"${text}" is not a dimension; write NAME=SIZE, such as batch=8.`, {
    field: '--dim',
  });
}

/** Sums, differences and products of names and numbers, as exporters write them: `past_length + 1`, `2*height`. */
const EXPRESSION = /^(?:[A-Za-z_]\w*|\d+)(?:(?: ?[+*] ?| - )(?:[A-Za-z_]\w*|\d+))+$/;

/** Holds the sizes that a person gave to a model's named dimensions, and collects the names that were asked for. */
export class Bindings {
  readonly #sizes: ReadonlyMap<string, number>;
  readonly #asked = new Set<string>();
  readonly #missing = new Set<string>();

  constructor(sizes: readonly NamedSize[]) {
    this.#sizes = new Map(sizes);
  }

  /** Gives the size of a name or of an expression of names; undefined if one of them has none. */
  sizeOf(name: string): number | undefined {
    this.#asked.add(name);
    const size = this.#sizes.get(name);
    if (size !== undefined || !EXPRESSION.test(name)) return size;
    const value = this.#evaluate(name);
    return value !== undefined && value >= 0 ? value : undefined;
  }

  /** Gives the size of a dimension of the model's inputs, and notes which names are missing. */
  require(name: string): number | undefined {
    const size = this.sizeOf(name);
    if (size !== undefined) return size;
    const names = EXPRESSION.test(name) ? namesIn(name) : [name];
    for (const one of names.filter((part) => !this.#sizes.has(part))) this.#missing.add(one);
    return undefined;
  }

  /** Names without a size that the shapes of the model's inputs depend on. */
  get missing(): string[] {
    return [...this.#missing];
  }

  /** Names that were given a size and that the model does not have. */
  get unused(): string[] {
    return [...this.#sizes.keys()].filter((name) => !this.#asked.has(name));
  }

  #evaluate(expression: string): number | undefined {
    // Products bind tighter. The sign before a term is kept by the split.
    const terms = expression.split(/\s*\+\s*|\s+(?=- )/);
    let sum = 0;
    for (const term of terms) {
      const isSubtracted = term.startsWith('- ');
      let product = 1;
      for (const factor of (isSubtracted ? term.slice(2) : term).split(/\s*\*\s*/)) {
        const value = /^\d+$/.test(factor) ? Number(factor) : this.#sizeOfPart(factor);
        if (value === undefined) return undefined;
        product *= value;
      }
      sum += isSubtracted ? -product : product;
    }
    return sum;
  }

  #sizeOfPart(name: string): number | undefined {
    this.#asked.add(name);
    return this.#sizes.get(name);
  }
}

function namesIn(expression: string): string[] {
  return expression.match(/[A-Za-z_]\w*/g) ?? [];
}
