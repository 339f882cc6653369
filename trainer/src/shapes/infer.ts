import { AlphaTensorError } from '@alphatensor-edge/shared';
import type { Bindings } from './bindings.js';
import { Call, type ProductDimensions, type Surroundings, shapeWords } from './call.js';
import { Collected } from './collected.js';
import type { LayerProduct, UnknownProduct } from './layer-product.js';
import {
  type Attribute,
  type DeclaredValue,
  functionKey,
  type Graph,
  type Model,
  type ModelFunction,
  type Node,
} from './model.js';
import { missingSizes, unusedSizes } from './named-sizes.js';
import { OPERATORS } from './operators/operators.js';
import { tensorValue } from './operators/sources.js';
import { type Cause, type Dimension, isKnown, type Value } from './value.js';

/** What was found of a model. */
export interface ModelShapes {
  /** In the order of its layers. */
  readonly products: readonly LayerProduct[];
  /** Those of which a dimension is unknown. */
  readonly unknown: readonly UnknownProduct[];
  /** What a reader must know, sentences. */
  readonly notes: readonly string[];
  /** What is known of each value of the graph, but not of the graphs in it. */
  readonly values: ReadonlyMap<string, Value>;
}

/** The newest version of ONNX's operators that the rules were compared with. */
export const NEWEST_OPSET = 28;
/** Most functions that call each other. */
const MOST_DEPTH = 32;

/**
 * Finds the shapes of a model's values, and the products that one run of it makes. What cannot be inferred is taken from what the file
 * declares.
 * @throws AlphaTensorError INVALID_ARGUMENT if a name needs a size or has one that is not used, or if shapes contradict each other
 */
export function inferShapes(model: Model, bindings: Bindings): ModelShapes {
  const found = new Collected();
  const walk = new Walk(
    { model, bindings, found },
    { scope: new Map(), opsets: model.opsets, attributes: new Map(), prefix: '', turns: 1, depth: 0 },
  );
  const opset = model.opsets.get('') ?? 0;
  if (opset > NEWEST_OPSET) {
    found.note(
      `The model has version ${opset} of ONNX's operators; the rules here were compared up to ${NEWEST_OPSET}.`,
    );
  }
  walk.graph(model.graph, undefined);
  const { unused, missing } = bindings;
  // A misspelt name is also missing.
  if (unused.length > 0) throw unusedSizes(unused, model);
  if (found.unknown.length > 0 && missing.length > 0) throw missingSizes(missing);
  const notes = [...found.notes, ...found.unknownOperators()];
  return { products: found.products, unknown: found.unknown, notes, values: walk.values };
}

/** What stays the same for a whole model. */
interface Fixed {
  readonly model: Model;
  readonly bindings: Bindings;
  readonly found: Collected;
}

/** Where the walk is. */
interface Place {
  /** Values by name, those of the graphs around it too. */
  readonly scope: ReadonlyMap<string, Value>;
  readonly opsets: ReadonlyMap<string, number>;
  /** Attributes of the call, inside a function. */
  readonly attributes: ReadonlyMap<string, Attribute>;
  /** Put before the names of layers. */
  readonly prefix: string;
  /** How often the graph is run in one run of the model. */
  readonly turns: number;
  /** Functions inside functions. */
  readonly depth: number;
}

/** Walks a graph and the graphs in it. */
class Walk implements Surroundings {
  readonly #fixed: Fixed;
  readonly #place: Place;
  readonly #scope: Map<string, Value>;

  constructor(fixed: Fixed, place: Place) {
    this.#fixed = fixed;
    this.#place = place;
    this.#scope = new Map(place.scope);
  }

  /** What is known of each value by now. */
  get values(): ReadonlyMap<string, Value> {
    return this.#scope;
  }

  /** @param inputs undefined: as the graph declares them. */
  graph(graph: Graph, inputs: readonly Value[] | undefined): readonly Value[] {
    for (const tensor of graph.initializers) this.#scope.set(tensor.name, tensorValue(tensor));
    graph.inputs.forEach((declared, index) => {
      // Older files list constants among the inputs.
      if (inputs === undefined && graph.initializers.some(({ name }) => name === declared.name)) return;
      this.#scope.set(declared.name, inputs?.[index] ?? this.#input(declared));
    });
    const declared = new Map([...graph.declared, ...graph.outputs].map((value) => [value.name, value]));
    for (const node of graph.nodes) this.#node(node, declared);
    return graph.outputs.map(({ name }) => this.#valueOf(name));
  }

  onProduct(
    call: Call,
    { m, k, n, count = 1 }: ProductDimensions,
    operands: readonly (Value | undefined)[],
    part: string,
  ): void {
    const { found } = this.#fixed;
    const layer = this.#place.prefix + call.layer;
    const op = part === '' ? call.node.op : `${call.node.op} ${part}`;
    if (m === undefined || k === undefined || n === undefined || count === undefined) {
      const shape = [m, k, n].map((size) => size ?? '?').join('x');
      const cause = operands.find((operand) => operand?.cause !== undefined)?.cause ?? call.cause();
      found.unknown.push({ layer, op, shape, reason: reasonWords(cause) });
      return;
    }
    const total = count * this.#place.turns;
    if (m * k * n * total === 0) return;
    const type = operands.find((operand) => operand?.type !== undefined)?.type ?? 'unknown';
    found.products.push({ layer, op, m, k, n, count: total, type });
  }

  onNote(note: string): void {
    this.#fixed.found.note(note);
  }

  inferBody(graph: Graph, inputs: readonly Value[], turns: Dimension): readonly Value[] {
    const inner = this.#inner(turns ?? 1);
    const results = inner.walk.graph(graph, inputs);
    // The first of two passes only finds which sizes stay.
    if (turns !== 0) this.#fixed.found.add(inner.found);
    return results;
  }

  inferBranches(branches: readonly Graph[]): readonly (readonly Value[])[] {
    const conflicts: AlphaTensorError[] = [];
    const inferred = branches.flatMap((graph) => {
      const inner = this.#inner(1);
      try {
        return [{ results: inner.walk.graph(graph, []), found: inner.found }];
      } catch (error) {
        if (!(error instanceof AlphaTensorError)) throw error;
        conflicts.push(error);
        return [];
      }
    });
    const [most] = [...inferred].sort((a, b) => b.found.arithmetic - a.found.arithmetic);
    // A branch for other inputs cannot be run with these, and need not be.
    if (conflicts.length > 0 && most === undefined) throw conflicts[0];
    if (most === undefined) return [];
    this.#fixed.found.add(most.found);
    if (branches.length > 1 && most.found.arithmetic > 0) {
      this.onNote('Where If picks a branch by data, the branch with more arithmetic counts.');
    }
    return inferred.map(({ results }) => results);
  }

  #inner(turns: number): { walk: Walk; found: Collected } {
    const found = new Collected();
    const place = { ...this.#place, scope: this.#scope, turns: this.#place.turns * turns };
    return { walk: new Walk({ ...this.#fixed, found }, place), found };
  }

  #node(node: Node, declared: ReadonlyMap<string, DeclaredValue>): void {
    const attributes = this.#resolved(node);
    const inputs = node.inputs.map((name) => (name === '' ? undefined : this.#valueOf(name)));
    const opset = this.#place.opsets.get(node.domain) ?? this.#fixed.model.opsets.get(node.domain) ?? 1;
    const call = new Call({ ...node, attributes }, inputs, opset, this);
    const results = this.#results(call);
    node.outputs.forEach((name, index) => {
      if (name === '') return;
      const value = this.#completed(name, results[index] ?? call.unknown(), declared.get(name));
      const isShape = value.dims?.every((dim) => dim === undefined || (Number.isSafeInteger(dim) && dim >= 0)) ?? true;
      if (!isShape) throw call.conflict(`the shape ${shapeWords(value.dims)} follows for "${name}"`);
      this.#scope.set(name, value);
    });
  }

  #results(call: Call): readonly Value[] {
    const { op, domain } = call.node;
    const key = functionKey(domain, op);
    const defined = this.#fixed.model.functions.get(key);
    if (defined !== undefined && this.#place.depth < MOST_DEPTH) return this.#function(call, defined);
    const rule = OPERATORS.get(key);
    if (rule !== undefined) return rule(call);
    const name = domain === '' ? op : `${domain}.${op}`;
    const { operators } = this.#fixed.found;
    operators.set(name, [...(operators.get(name) ?? []), this.#place.prefix + call.layer]);
    const cause: Cause = { kind: 'operator', name, layer: call.layer };
    return call.node.outputs.map(() => ({ type: undefined, dims: undefined, cause }));
  }

  #function(call: Call, { inputs, outputs, nodes, declared, opsets, defaults }: ModelFunction): readonly Value[] {
    const attributes = new Map([...defaults, ...call.node.attributes]);
    const scope = new Map(
      inputs.flatMap((name, index) => {
        const value = call.inputs[index];
        return value === undefined ? [] : [[name, value] as const];
      }),
    );
    const prefix = `${this.#place.prefix}${call.layer}/`;
    const walk = new Walk(this.#fixed, {
      ...this.#place,
      scope,
      opsets,
      attributes,
      prefix,
      depth: this.#place.depth + 1,
    });
    const known = new Map(declared.map((value) => [value.name, value]));
    for (const node of nodes) walk.#node(node, known);
    return outputs.map((name) => walk.#valueOf(name));
  }

  /** Puts the caller's attributes in place of references to them. */
  #resolved({ attributes }: Node): ReadonlyMap<string, Attribute> {
    return new Map(
      [...attributes].flatMap(([name, attribute]) => {
        const given = attribute.reference === '' ? attribute : this.#place.attributes.get(attribute.reference);
        return given === undefined ? [] : [[name, given] as const];
      }),
    );
  }

  #valueOf(name: string): Value {
    return this.#scope.get(name) ?? unknownInput(name);
  }

  /** Makes the value of an input of the model. Each of its dimensions has a size, a name, or is called by its place. */
  #input({ name, type, dims }: DeclaredValue): Value {
    const { bindings } = this.#fixed;
    const known = dims?.map((dim, axis): Dimension => {
      // Some exporters write 0 where they know nothing, and an empty input makes no products.
      if (dim === undefined || dim === 0) return bindings.require(`${name}[${axis}]`);
      return typeof dim === 'string' ? (bindings.sizeOf(`${name}[${axis}]`) ?? bindings.require(dim)) : dim;
    });
    return isKnown(known) ? { type, dims: known } : { ...unknownInput(name), type, dims: known };
  }

  /** Completes what was inferred by what the file declares, and by sizes that a person gave to `name[axis]`. */
  #completed(name: string, value: Value, declared: DeclaredValue | undefined): Value {
    const type = value.type ?? declared?.type;
    const dims = this.#completedDims(name, value.dims, declared?.dims);
    const isResolved = isKnown(dims) && !value.data?.includes(undefined);
    return { ...value, type, dims, cause: isResolved ? undefined : value.cause };
  }

  #completedDims(
    name: string,
    inferred: readonly Dimension[] | undefined,
    declared: DeclaredValue['dims'],
  ): readonly Dimension[] | undefined {
    const { bindings, found } = this.#fixed;
    const told = declared?.map((dim): Dimension => (typeof dim === 'string' ? bindings.sizeOf(dim) : dim || undefined));
    const isOther =
      inferred !== undefined &&
      told !== undefined &&
      (inferred.length !== told.length ||
        told.some((size, axis) => size !== undefined && inferred[axis] !== undefined && size !== inferred[axis]));
    if (isOther) {
      const words = `the file says ${shapeWords(told)}, and from its inputs follows ${shapeWords(inferred)}`;
      found.note(`Of "${name}" ${words}, which is used.`);
    }
    const base = inferred ?? told;
    return base?.map(
      (size, axis) => size ?? (isOther ? undefined : told?.[axis]) ?? bindings.sizeOf(`${name}[${axis}]`),
    );
  }
}

function unknownInput(name: string): Value {
  return { type: undefined, dims: undefined, cause: { kind: 'input', name, layer: name } };
}

function reasonWords({ kind, name, layer }: Cause): string {
  if (kind === 'operator') return `there is no rule for the operator ${name} ("${layer}")`;
  if (kind === 'input') return `the file does not tell the shape of "${name}"`;
  return `the shape that ${name} ("${layer}") makes depends on data`;
}
