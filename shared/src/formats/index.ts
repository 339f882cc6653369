export { parseFastMatmul } from './fast-matmul.js';
export { factorizationFileName } from './file-name.js';
export { formatFactorizationJson, parseFactorizationJson, saveFactorization } from './json.js';
export { listNpzKeys, readNpz } from './npz.js';
export { type FactorizationRecord, ORIGINS, type Origin } from './record.js';
