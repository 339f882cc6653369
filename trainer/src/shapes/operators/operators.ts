import type { Operator } from '../call.js';
import { functionKey } from '../model.js';
import { ATTENTION } from './attention.js';
import { CONTROL } from './control.js';
import { ELEMENTWISE } from './elementwise.js';
import { MICROSOFT } from './microsoft.js';
import { PARTS } from './parts.js';
import { PRODUCTS } from './products.js';
import { REARRANGEMENTS } from './rearrangements.js';
import { RECURRENT } from './recurrent.js';
import { REDUCTIONS } from './reductions.js';
import { RESIZING } from './resizing.js';
import { SOURCES } from './sources.js';
import { WINDOWS } from './windows.js';

const ONNX: Record<string, Operator> = {
  ...ELEMENTWISE,
  ...REARRANGEMENTS,
  ...PARTS,
  ...RESIZING,
  ...SOURCES,
  ...REDUCTIONS,
  ...WINDOWS,
  ...PRODUCTS,
  ...RECURRENT,
  ...ATTENTION,
  ...CONTROL,
  // ONNX Runtime's optimizer writes this one into ONNX's own domain.
  SimplifiedLayerNormalization: ELEMENTWISE.LayerNormalization,
};

/** The rules that are known, by functionKey. */
export const OPERATORS: ReadonlyMap<string, Operator> = new Map([
  ...Object.entries(ONNX).map(([op, rule]) => [functionKey('', op), rule] as const),
  ...Object.entries(MICROSOFT).map(([op, rule]) => [functionKey('com.microsoft', op), rule] as const),
]);
