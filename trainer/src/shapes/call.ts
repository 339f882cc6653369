import { AlphaTensorError } from '@alphatensor-edge/shared';
import type { ElementType } from './element-type.js';
import type { Attribute, Graph, Node, Tensor } from './model.js';
import { broadcast, type Cause, type Dimension, type Value } from './value.js';

/** The dimensions of a product as far as they are known. */
export interface ProductDimensions {
  readonly m: Dimension;
  readonly k: Dimension;
  readonly n: Dimension;
  /** How often it is made. */
  readonly count?: Dimension;
}

/** What the operators hand on to whoever walks the graph. */
export interface Surroundings {
  /** Takes a product that a layer makes. */
  onProduct(call: Call, dimensions: ProductDimensions, operands: readonly (Value | undefined)[], part: string): void;
  /** Infers a body that sees what is outside it, and gives the values of its outputs. */
  inferBody(graph: Graph, inputs: readonly Value[], turns: Dimension): readonly Value[];
  /** Infers the body that a condition picks. */
  inferBranches(branches: readonly Graph[]): readonly (readonly Value[])[];
  /** Says something that the reader must know. */
  onNote(note: string): void;
}

/** One node with what is known of its inputs: all that an operator's rule needs. */
export class Call {
  constructor(
    readonly node: Node,
    readonly inputs: readonly (Value | undefined)[],
    /** Version of the operators of its domain. */
    readonly opset: number,
    readonly around: Surroundings,
  ) {}

  /** The node's name, or that of its first output. */
  get layer(): string {
    return this.node.name || this.node.outputs.find((name) => name !== '') || this.node.op;
  }

  attribute(name: string): Attribute | undefined {
    return this.node.attributes.get(name);
  }

  int(name: string, otherwise: number): number {
    return this.attribute(name)?.int ?? otherwise;
  }

  /** Gives a list of whole numbers; undefined if it is left out or empty. */
  ints(name: string): readonly number[] | undefined {
    const ints = this.attribute(name)?.ints;
    return ints?.length ? ints : undefined;
  }

  text(name: string, otherwise: string): string {
    return this.attribute(name)?.text || otherwise;
  }

  tensor(name: string): Tensor | undefined {
    return this.attribute(name)?.tensor;
  }

  dims(index: number): readonly Dimension[] | undefined {
    return this.inputs[index]?.dims;
  }

  /** Tells whether an input is there. */
  has(index: number): boolean {
    return this.inputs[index] !== undefined;
  }

  /** Gives the numbers of an input; undefined unless all are known. */
  numbers(index: number): readonly number[] | undefined {
    const data = this.inputs[index]?.data;
    return data?.every((one) => one !== undefined) ? (data as readonly number[]) : undefined;
  }

  /** Reads what older operators have as an attribute and newer ones as an input; undefined: neither, `unknown`: it depends on data. */
  listOf(attribute: string, input: number): readonly number[] | undefined | 'unknown' {
    const ints = this.ints(attribute);
    if (ints !== undefined || !this.has(input)) return ints;
    const numbers = this.numbers(input) ?? 'unknown';
    return numbers.length === 0 ? undefined : numbers;
  }

  /** Makes an output of a shape. What is unknown of it has the inputs' cause, or `depends on data` if they are known. */
  value(
    type: ElementType | undefined,
    dims: readonly Dimension[] | undefined,
    data?: readonly (number | undefined)[],
  ): Value {
    const isUnknown = dims === undefined || dims.includes(undefined);
    const cause = isUnknown || data?.includes(undefined) ? this.cause() : undefined;
    return { type, dims, data, cause };
  }

  /** Makes an output of which nothing is known but its type. */
  unknown(type?: ElementType): Value {
    return { type, dims: undefined, cause: this.cause() };
  }

  /** Finds why an output is unknown: as the first input that is, or because this operator's result depends on data. */
  cause(): Cause {
    const inherited = this.inputs.find((input) => input?.cause !== undefined)?.cause;
    return inherited ?? { kind: 'data', name: this.node.op, layer: this.layer };
  }

  /** Combines the shapes of inputs. @throws AlphaTensorError INVALID_ARGUMENT if they do not go together */
  broadcast(shapes: readonly (readonly Dimension[] | undefined)[]): readonly Dimension[] | undefined {
    const dims = broadcast(shapes);
    if (dims === 'conflict') throw this.conflict(`shapes ${shapes.map(shapeWords).join(' and ')} do not go together`);
    return dims;
  }

  /** Hands on a product that this node makes. */
  product(dimensions: ProductDimensions, operands: readonly (Value | undefined)[], part = ''): void {
    this.around.onProduct(this, dimensions, operands, part);
  }

  conflict(what: string): AlphaTensorError {
    return new AlphaTensorError(
      'INVALID_ARGUMENT',
      `At ${this.node.op} "${this.layer}" ${what}; the model is wrong, or a --dim does not suit it.`,
      { field: 'model' },
    );
  }
}

/** Writes `[8, ?, 768]`. */
export function shapeWords(dims: readonly Dimension[] | undefined): string {
  return dims === undefined ? '[?]' : `[${dims.map((dim) => dim ?? '?').join(', ')}]`;
}

/** A rule: makes the outputs' shapes from the inputs', and hands on the products. */
export type Operator = (call: Call) => readonly Value[];
