import type { Bench } from './bench.js';

/** Every bench by its name. Loaded only when it is asked for: some load TensorFlow.js. */
export const BENCHES: Readonly<Record<string, () => Promise<{ readonly bench: Bench }>>> = {
  figure: () => import('./figure.js'),
  search: () => import('./search.js'),
  acting: () => import('./acting/acting.js'),
  training: () => import('./training/training.js'),
  value: () => import('./value.js'),
  grown: () => import('./grown.js'),
  gemm: () => import('./gemm/gemm.js'),
  hits: () => import('./hits/hits.js'),
  lambda: () => import('./lambda/lambda.js'),
  fleet: () => import('./fleet/fleet.js'),
  explore: () => import('./explore/explore.js'),
  additions: () => import('./additions.js'),
  backends: () => import('./backends.js'),
  overhead: () => import('./overhead.js'),
  devices: () => import('./devices.js'),
};
