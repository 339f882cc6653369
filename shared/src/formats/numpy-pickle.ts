import { Parser } from 'pickleparser';
import { decodeNumbers, type NumericArray, type NumpyArray, unsupportedArray } from './numpy-array.js';

/** numpy.dtype: its name (`i4`) on construction, its byte order in the state. */
class PickledType {
  order = '|';

  constructor(readonly name: unknown) {}

  __setstate__(state: unknown): void {
    if (Array.isArray(state)) this.order = String(state[1]);
  }
}

/** numpy.ndarray: everything it holds comes with its state (version, shape, dtype, Fortran order, data). */
class PickledArray {
  state: readonly unknown[] = [];

  __setstate__(state: unknown): void {
    if (Array.isArray(state)) this.state = state;
  }
}

const reconstruct = (): PickledArray => new PickledArray();

/** All that a pickle may name. A pickle is a program; this is the whole of what it can call here, and none of it has effects. */
const ALLOWED: ReadonlyMap<string, (...args: unknown[]) => unknown> = new Map<string, (...args: unknown[]) => unknown>([
  ['numpy.core.multiarray _reconstruct', reconstruct],
  ['numpy._core.multiarray _reconstruct', reconstruct],
  ['numpy ndarray', reconstruct],
  ['numpy dtype', (name) => new PickledType(name)],
]);

/**
 * Reads a pickled numpy array of numeric arrays, as `np.save` writes arrays of objects. Nothing in the file is executed:
 * names other than the four of numpy's own arrays are refused.
 * @throws AlphaTensorError UNSUPPORTED_FORMAT
 */
export function unpickleArray(bytes: Uint8Array): NumpyArray {
  const parser = new Parser({
    unpicklingTypeOfDictionary: 'Map',
    nameResolver: {
      resolve: (module, name) => {
        const allowed = ALLOWED.get(`${module} ${name}`);
        if (allowed === undefined) throw new Error(`it names ${module}.${name}, which is not allowed`);
        return allowed;
      },
    },
  });
  let value: unknown;
  try {
    value = parser.parse<unknown>(bytes);
  } catch (error) {
    throw unsupportedArray(`its pickle is refused or damaged (${error instanceof Error ? error.message : error})`);
  }
  if (!(value instanceof PickledArray)) throw unsupportedArray('its pickle holds no numpy array');
  const { shape, data } = partsOf(value);
  if (!Array.isArray(data)) return toNumeric(value);
  if (shape.length === 0 && data[0] instanceof Map) return { shape, items: ofDictionary(data[0]) };
  return { shape, items: data.map(toNumeric) };
}

/** u, v and w of a dictionary, as np.save writes one of those. */
function ofDictionary(values: ReadonlyMap<unknown, unknown>): readonly NumericArray[] {
  return ['u', 'v', 'w'].map((mode) => {
    const value = values.get(mode) ?? values.get(mode.toUpperCase());
    if (value === undefined) throw unsupportedArray(`its dictionary has no ${mode}`);
    return toNumeric(value);
  });
}

function toNumeric(value: unknown): NumericArray {
  if (!(value instanceof PickledArray)) throw unsupportedArray('an array of arrays holds something else');
  const { shape, type, fortranOrder, data } = partsOf(value);
  if (!(data instanceof Uint8Array)) throw unsupportedArray('its arrays are nested too deeply');
  return decodeNumbers(data, `${type.order}${type.name}`, shape, fortranOrder);
}

function partsOf({ state }: PickledArray): {
  shape: readonly number[];
  type: PickledType;
  fortranOrder: boolean;
  data: unknown;
} {
  const [, shape, type, fortranOrder, data] = state;
  if (!Array.isArray(shape) || !(type instanceof PickledType) || typeof fortranOrder !== 'boolean') {
    throw unsupportedArray('its pickle is not that of a numpy array');
  }
  return { shape, type, fortranOrder, data };
}
