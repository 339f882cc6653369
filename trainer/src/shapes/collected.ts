import { arithmeticOf, type LayerProduct, type UnknownProduct } from './layer-product.js';

/** Collects what the walk finds. */
export class Collected {
  readonly products: LayerProduct[] = [];
  readonly unknown: UnknownProduct[] = [];
  readonly notes = new Set<string>();
  /** Operators without a rule, with the layers that have them. */
  readonly operators = new Map<string, string[]>();

  note(sentence: string): void {
    this.notes.add(sentence);
  }

  add(other: Collected): void {
    this.products.push(...other.products);
    this.unknown.push(...other.unknown);
    for (const note of other.notes) this.notes.add(note);
    for (const [op, layers] of other.operators) this.operators.set(op, [...(this.operators.get(op) ?? []), ...layers]);
  }

  unknownOperators(): string[] {
    return [...this.operators].map(([op, layers]) => {
      const more = layers.length > 1 ? ` and ${layers.length - 1} more` : '';
      return `There is no rule for the operator ${op} ("${layers[0]}"${more}), so shapes that follow from it are unknown.`;
    });
  }

  get arithmetic(): number {
    return this.products.reduce((sum, product) => sum + arithmeticOf(product), 0);
  }
}
