// Original file: alphatensor/agent/v1/agent.proto

import type { Problem as _alphatensor_agent_v1_Problem, Problem__Output as _alphatensor_agent_v1_Problem__Output } from '../../../alphatensor/agent/v1/Problem.js';
import type { Factorization as _alphatensor_agent_v1_Factorization, Factorization__Output as _alphatensor_agent_v1_Factorization__Output } from '../../../alphatensor/agent/v1/Factorization.js';
import type { Long } from '@grpc/proto-loader';

/**
 * Programs of the same backend, variant and problem, one for each factorization.
 */
export interface PlanRequest {
  'protocolVersion'?: (number);
  'backend'?: (string);
  /**
   * Empty: the backend's default.
   */
  'variant'?: (string);
  'problem'?: (_alphatensor_agent_v1_Problem | null);
  /**
   * The most bytes of workspace that a program may take. 0: no bound.
   */
  'maxWorkspaceBytes'?: (number | string | Long);
  /**
   * Recursion levels: each factorization is applied so many times. 0 stands for 1.
   */
  'levels'?: (number);
  /**
   * Up to 32.
   */
  'factorizations'?: (_alphatensor_agent_v1_Factorization)[];
}

/**
 * Programs of the same backend, variant and problem, one for each factorization.
 */
export interface PlanRequest__Output {
  'protocolVersion': (number);
  'backend': (string);
  /**
   * Empty: the backend's default.
   */
  'variant': (string);
  'problem': (_alphatensor_agent_v1_Problem__Output | null);
  /**
   * The most bytes of workspace that a program may take. 0: no bound.
   */
  'maxWorkspaceBytes': (number);
  /**
   * Recursion levels: each factorization is applied so many times. 0 stands for 1.
   */
  'levels': (number);
  /**
   * Up to 32.
   */
  'factorizations': (_alphatensor_agent_v1_Factorization__Output)[];
}
