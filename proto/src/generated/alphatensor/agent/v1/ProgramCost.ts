// Original file: alphatensor/agent/v1/agent.proto

import type { PassCost as _alphatensor_agent_v1_PassCost, PassCost__Output as _alphatensor_agent_v1_PassCost__Output } from '../../../alphatensor/agent/v1/PassCost.js';
import type { Long } from '@grpc/proto-loader';

/**
 * What a program does for one problem, or why there is none.
 */
export interface ProgramCost {
  /**
   * One sentence; empty where there is a program. If not, the rest is empty.
   */
  'refusal'?: (string);
  /**
   * Innermost products; terms that contribute nothing are left out.
   */
  'products'?: (number);
  /**
   * Of all products, with what is added at the edges to make blocks equal.
   */
  'multiplyAdds'?: (number | string);
  /**
   * From the blocks of A, and of B, to the operands of the products.
   */
  'a'?: (_alphatensor_agent_v1_PassCost | null);
  'b'?: (_alphatensor_agent_v1_PassCost | null);
  /**
   * From the products to the blocks of C.
   */
  'c'?: (_alphatensor_agent_v1_PassCost | null);
  /**
   * Bytes of temporary memory beside the matrices.
   */
  'workspaceBytes'?: (number | string | Long);
}

/**
 * What a program does for one problem, or why there is none.
 */
export interface ProgramCost__Output {
  /**
   * One sentence; empty where there is a program. If not, the rest is empty.
   */
  'refusal': (string);
  /**
   * Innermost products; terms that contribute nothing are left out.
   */
  'products': (number);
  /**
   * Of all products, with what is added at the edges to make blocks equal.
   */
  'multiplyAdds': (number);
  /**
   * From the blocks of A, and of B, to the operands of the products.
   */
  'a': (_alphatensor_agent_v1_PassCost__Output | null);
  'b': (_alphatensor_agent_v1_PassCost__Output | null);
  /**
   * From the products to the blocks of C.
   */
  'c': (_alphatensor_agent_v1_PassCost__Output | null);
  /**
   * Bytes of temporary memory beside the matrices.
   */
  'workspaceBytes': (number);
}
