// Original file: alphatensor/agent/v1/agent.proto

import type { InputKind as _alphatensor_agent_v1_InputKind, InputKind__Output as _alphatensor_agent_v1_InputKind__Output } from '../../../alphatensor/agent/v1/InputKind.js';

/**
 * Errors of all sides on the same inputs, against A B in float64, over some rows of C. The relative error is
 * ||C - A B|| / ||A B|| (Frobenius); the componentwise one is the largest |C - A B| / (|A| |B|) of an element, which large
 * elements elsewhere cannot hide.
 */
export interface InputErrors {
  'kind'?: (_alphatensor_agent_v1_InputKind);
  'relativeError'?: (number | string);
  'componentwiseError'?: (number | string);
  'baselineRelativeError'?: (number | string);
  'baselineComponentwiseError'?: (number | string);
  /**
   * Absent: unknown.
   */
  'ownGemmRelativeError'?: (number | string);
  'ownGemmComponentwiseError'?: (number | string);
  '_ownGemmRelativeError'?: "ownGemmRelativeError";
  '_ownGemmComponentwiseError'?: "ownGemmComponentwiseError";
}

/**
 * Errors of all sides on the same inputs, against A B in float64, over some rows of C. The relative error is
 * ||C - A B|| / ||A B|| (Frobenius); the componentwise one is the largest |C - A B| / (|A| |B|) of an element, which large
 * elements elsewhere cannot hide.
 */
export interface InputErrors__Output {
  'kind': (_alphatensor_agent_v1_InputKind__Output);
  'relativeError': (number);
  'componentwiseError': (number);
  'baselineRelativeError': (number);
  'baselineComponentwiseError': (number);
  /**
   * Absent: unknown.
   */
  'ownGemmRelativeError'?: (number);
  'ownGemmComponentwiseError'?: (number);
  '_ownGemmRelativeError'?: "ownGemmRelativeError";
  '_ownGemmComponentwiseError'?: "ownGemmComponentwiseError";
}
