// Original file: alphatensor/agent/v1/agent.proto

import type { DataType as _alphatensor_agent_v1_DataType, DataType__Output as _alphatensor_agent_v1_DataType__Output } from '../../../alphatensor/agent/v1/DataType.js';

/**
 * C = A B with A of shape m x k and B of shape k x n, row-major, C too. What lies transposed is stored as a k x m or n x k matrix, row-major.
 */
export interface Problem {
  'm'?: (number);
  'k'?: (number);
  'n'?: (number);
  'dataType'?: (_alphatensor_agent_v1_DataType);
  'threads'?: (number);
  /**
   * Which operands lie transposed. Absent: not. Only for variants that say so (Backend.transposed_variants).
   */
  'transposeA'?: (boolean);
  'transposeB'?: (boolean);
  '_transposeA'?: "transposeA";
  '_transposeB'?: "transposeB";
}

/**
 * C = A B with A of shape m x k and B of shape k x n, row-major, C too. What lies transposed is stored as a k x m or n x k matrix, row-major.
 */
export interface Problem__Output {
  'm': (number);
  'k': (number);
  'n': (number);
  'dataType': (_alphatensor_agent_v1_DataType__Output);
  'threads': (number);
  /**
   * Which operands lie transposed. Absent: not. Only for variants that say so (Backend.transposed_variants).
   */
  'transposeA'?: (boolean);
  'transposeB'?: (boolean);
  '_transposeA'?: "transposeA";
  '_transposeB'?: "transposeB";
}
