// Original file: alphatensor/agent/v1/agent.proto

import type { Blas as _alphatensor_agent_v1_Blas, Blas__Output as _alphatensor_agent_v1_Blas__Output } from '../../../alphatensor/agent/v1/Blas.js';
import type { DataType as _alphatensor_agent_v1_DataType, DataType__Output as _alphatensor_agent_v1_DataType__Output } from '../../../alphatensor/agent/v1/DataType.js';

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
   * Best first in f32 on one thread, for which the first is the baseline. For other number formats and threads an agent may rank them
   * otherwise; what a measurement was compared with is in its environment.
   */
  'blas'?: (_alphatensor_agent_v1_Blas)[];
  /**
   * Number formats; none means f32 and f64 (agents before there were others).
   */
  'dataTypes'?: (_alphatensor_agent_v1_DataType)[];
  /**
   * Variants that take problems of which A or B lies transposed (Problem.transpose_a); none with older agents, which would
   * measure the plain product.
   */
  'transposedVariants'?: (string)[];
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
   * Best first in f32 on one thread, for which the first is the baseline. For other number formats and threads an agent may rank them
   * otherwise; what a measurement was compared with is in its environment.
   */
  'blas': (_alphatensor_agent_v1_Blas__Output)[];
  /**
   * Number formats; none means f32 and f64 (agents before there were others).
   */
  'dataTypes': (_alphatensor_agent_v1_DataType__Output)[];
  /**
   * Variants that take problems of which A or B lies transposed (Problem.transpose_a); none with older agents, which would
   * measure the plain product.
   */
  'transposedVariants': (string)[];
}
