import type { DType } from '../plan/plan.js';

/** What BLAS calls a product of the number format. */
export const GEMM_NAME: Readonly<Record<DType, string>> = { f32: 'sgemm', f64: 'dgemm' };

/** What C calls an element. */
export const C_TYPE: Readonly<Record<DType, string>> = { f32: 'float', f64: 'double' };
