import type { Bench } from './bench.js';

/** Every bench by its name. Loaded only when it is asked for: some load TensorFlow.js. */
export const BENCHES: Readonly<Record<string, () => Promise<{ readonly bench: Bench }>>> = {
  accuracy: () => import('./accuracy/accuracy.js'),
  acting: () => import('./acting/acting.js'),
  additions: () => import('./additions.js'),
  backends: () => import('./backends.js'),
  catalogue: () => import('./catalogue/catalogue.js'),
  cluster: () => import('./cluster/cluster.js'),
  devices: () => import('./devices.js'),
  explore: () => import('./explore/explore.js'),
  figure: () => import('./figure.js'),
  fleet: () => import('./fleet/fleet.js'),
  flips: () => import('./flips/flips.js'),
  gemm: () => import('./gemm/gemm.js'),
  grown: () => import('./grown.js'),
  hits: () => import('./hits/hits.js'),
  lambda: () => import('./lambda/lambda.js'),
  overhead: () => import('./overhead.js'),
  refine: () => import('./refine.js'),
  search: () => import('./search.js'),
  shapes: () => import('./shapes/shapes.js'),
  'take-home': () => import('./take-home/take-home.js'),
  training: () => import('./training/training.js'),
  value: () => import('./value.js'),
};
