/** Number format of the matrices. */
export type DType = 'f32' | 'f64';

/** C = A B with A of shape m x k, B of shape k x n. */
export interface ProblemShape {
  readonly m: number;
  readonly k: number;
  readonly n: number;
  readonly dtype: DType;
}
