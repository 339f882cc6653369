import { arithmeticOf, type LayerProduct } from './layer-product.js';

/** One shape of product, with the layers that make it. */
export interface DistinctProduct extends Pick<LayerProduct, 'm' | 'k' | 'n' | 'type'> {
  /** How often one run of the model makes it. */
  readonly count: number;
  /** Multiplications and additions of all of them. */
  readonly arithmetic: number;
  /** What part of the arithmetic of all known products that is, from 0 to 1. */
  readonly share: number;
  readonly layers: readonly Pick<LayerProduct, 'layer' | 'op' | 'count'>[];
}

/** Puts products of one shape and number format together, the largest share first. */
export function distinctProducts(products: readonly LayerProduct[]): DistinctProduct[] {
  const byShape = new Map<string, LayerProduct[]>();
  for (const product of products) {
    const { m, k, n, type } = product;
    const key = JSON.stringify([m, k, n, type]);
    byShape.set(key, [...(byShape.get(key) ?? []), product]);
  }
  const total = products.reduce((sum, product) => sum + arithmeticOf(product), 0);
  return [...byShape.values()]
    .map((alike): DistinctProduct => {
      const { m, k, n, type } = alike[0];
      const count = alike.reduce((sum, one) => sum + one.count, 0);
      const arithmetic = arithmeticOf({ m, k, n, count });
      const layers = alike.map((one) => ({ layer: one.layer, op: one.op, count: one.count }));
      return { m, k, n, type, count, arithmetic, share: arithmetic / total, layers };
    })
    .sort((a, b) => b.arithmetic - a.arithmetic);
}
