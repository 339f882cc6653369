import type { DType } from '../plan/plan.js';

/** The BLAS name of a product in the number format. */
export const GEMM_NAME: Readonly<Record<DType, string>> = { f32: 'sgemm', f64: 'dgemm' };

/** The C type of an element. */
export const C_TYPE: Readonly<Record<DType, string>> = { f32: 'float', f64: 'double' };
