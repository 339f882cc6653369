export * from './compose.js';
export * from './errors.js';
export * from './factorization.js';
export * from './known.js';
export * from './logger.js';
export * from './random.js';
export * from './statistics.js';
export * from './tensor.js';
