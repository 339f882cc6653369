import type { DType } from '../plan/plan.js';

/** Gives the BLAS name of a product in the number format. */
export const GEMM_NAME: Readonly<Record<DType, string>> = { f32: 'sgemm', f64: 'dgemm' };

/** Gives the C type of an element. */
export const C_TYPE: Readonly<Record<DType, string>> = { f32: 'float', f64: 'double' };
