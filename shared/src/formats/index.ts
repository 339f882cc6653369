export { parseFastMatmul } from './fast-matmul.js';
export { factorizationFileName, gaussianFileName } from './file-name.js';
export { parseFactorizationJson } from './json.js';
export { listNpzKeys, readNpz } from './npz.js';
export {
  type AnyRecord,
  type FactorizationRecord,
  type GaussianRecord,
  ORIGINS,
  type Origin,
  realRecord,
} from './record.js';
export { formatFactorizationJson, saveFactorization } from './write-json.js';
