// Original file: alphatensor/agent/v1/agent.proto

import type { Factorization as _alphatensor_agent_v1_Factorization, Factorization__Output as _alphatensor_agent_v1_Factorization__Output } from '../../../alphatensor/agent/v1/Factorization.js';
import type { Problem as _alphatensor_agent_v1_Problem, Problem__Output as _alphatensor_agent_v1_Problem__Output } from '../../../alphatensor/agent/v1/Problem.js';
import type { MeasuringProtocol as _alphatensor_agent_v1_MeasuringProtocol, MeasuringProtocol__Output as _alphatensor_agent_v1_MeasuringProtocol__Output } from '../../../alphatensor/agent/v1/MeasuringProtocol.js';
import type { Long } from '@grpc/proto-loader';

export interface BenchmarkRequest {
  'protocolVersion'?: (number);
  /**
   * Chosen by the caller; up to 64 of [A-Za-z0-9_-].
   */
  'jobId'?: (string);
  'backend'?: (string);
  /**
   * Empty: the backend's default.
   */
  'variant'?: (string);
  /**
   * Recursion levels, outermost first. None: the baseline itself (the control).
   */
  'levels'?: (_alphatensor_agent_v1_Factorization)[];
  'problem'?: (_alphatensor_agent_v1_Problem | null);
  'protocol'?: (_alphatensor_agent_v1_MeasuringProtocol | null);
  /**
   * Bound on compiling.
   */
  'compileTimeoutSeconds'?: (number | string);
  /**
   * Try so many plans of the variant packed on the device first and measure the fastest; what was found is kept for the
   * same candidate and problem. 0: the plan that suits the device's caches.
   */
  'tunePlans'?: (number);
  /**
   * The most bytes of workspace that a program may take: programs that can do with less than they are fastest with do, others
   * are OUT_OF_MEMORY. 0: no bound.
   */
  'maxWorkspaceBytes'?: (number | string | Long);
}

export interface BenchmarkRequest__Output {
  'protocolVersion': (number);
  /**
   * Chosen by the caller; up to 64 of [A-Za-z0-9_-].
   */
  'jobId': (string);
  'backend': (string);
  /**
   * Empty: the backend's default.
   */
  'variant': (string);
  /**
   * Recursion levels, outermost first. None: the baseline itself (the control).
   */
  'levels': (_alphatensor_agent_v1_Factorization__Output)[];
  'problem': (_alphatensor_agent_v1_Problem__Output | null);
  'protocol': (_alphatensor_agent_v1_MeasuringProtocol__Output | null);
  /**
   * Bound on compiling.
   */
  'compileTimeoutSeconds': (number);
  /**
   * Try so many plans of the variant packed on the device first and measure the fastest; what was found is kept for the
   * same candidate and problem. 0: the plan that suits the device's caches.
   */
  'tunePlans': (number);
  /**
   * The most bytes of workspace that a program may take: programs that can do with less than they are fastest with do, others
   * are OUT_OF_MEMORY. 0: no bound.
   */
  'maxWorkspaceBytes': (number);
}
