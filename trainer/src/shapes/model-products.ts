import { AlphaTensorError } from '@alphatensor-edge/shared';
import { Bindings, type NamedSize } from './bindings.js';
import { type DistinctProduct, distinctProducts } from './distinct-products.js';
import { inferShapes } from './infer.js';
import type { UnknownProduct } from './layer-product.js';
import { readModel } from './read-model.js';

/** The products of a model's file, and what a reader must know of them. */
export interface ModelProducts {
  /** The file, as it was named. */
  readonly model: string;
  /** What wrote it; '' if it does not say. */
  readonly producer: string;
  /** Version of ONNX's operators; null: none. */
  readonly opset: number | null;
  /** The sizes that were given to names. */
  readonly dims: Readonly<Record<string, number>>;
  /** Multiplications and additions of all known products in one run. */
  readonly arithmetic: number;
  /** Each shape once, the largest share first. */
  readonly products: readonly DistinctProduct[];
  /** Products whose shape is not known. */
  readonly unknown: readonly UnknownProduct[];
  readonly notes: readonly string[];
}

/**
 * Reads a model and lists the products that one run of it makes.
 * @param sizes of its named dimensions
 * @throws AlphaTensorError as readModel and inferShapes; UNSUPPORTED_FORMAT if a file that only resembles a model breaks a rule
 */
export function readModelProducts(path: string, sizes: readonly NamedSize[]): ModelProducts {
  const model = readModel(path);
  const { products, unknown, notes } = infer();
  const distinct = distinctProducts(products);
  return {
    model: path,
    producer: model.producer,
    opset: model.opsets.get('') ?? null,
    dims: Object.fromEntries(sizes),
    arithmetic: distinct.reduce((sum, one) => sum + one.arithmetic, 0),
    products: distinct,
    unknown,
    notes,
  };

  function infer() {
    try {
      return inferShapes(model, new Bindings(sizes));
    } catch (cause) {
      // Graphs inside graphs without end, and attributes that no exporter writes.
      if (!(cause instanceof RangeError || cause instanceof TypeError)) throw cause;
      throw new AlphaTensorError(
        'UNSUPPORTED_FORMAT',
        `"${path}" breaks the rules of ONNX (${cause.message}); check it with onnx.checker.`,
        { field: 'model', cause },
      );
    }
  }
}
