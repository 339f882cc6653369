// Original file: alphatensor/agent/v1/agent.proto

import type { Blas as _alphatensor_agent_v1_Blas, Blas__Output as _alphatensor_agent_v1_Blas__Output } from '../../../alphatensor/agent/v1/Blas.js';

/**
 * One way to turn a factorization into a program.
 */
export interface Backend {
  /**
   * For example "c-gcc".
   */
  'name'?: (string);
  'available'?: (boolean);
  /**
   * Why it is not available and what to do about it; empty when available.
   */
  'reason'?: (string);
  'compiler'?: (string);
  'variants'?: (string)[];
  /**
   * Best first; the first is the baseline.
   */
  'blas'?: (_alphatensor_agent_v1_Blas)[];
}

/**
 * One way to turn a factorization into a program.
 */
export interface Backend__Output {
  /**
   * For example "c-gcc".
   */
  'name': (string);
  'available': (boolean);
  /**
   * Why it is not available and what to do about it; empty when available.
   */
  'reason': (string);
  'compiler': (string);
  'variants': (string)[];
  /**
   * Best first; the first is the baseline.
   */
  'blas': (_alphatensor_agent_v1_Blas__Output)[];
}
