// Original file: alphatensor/agent/v1/agent.proto

import type { OutcomeKind as _alphatensor_agent_v1_OutcomeKind, OutcomeKind__Output as _alphatensor_agent_v1_OutcomeKind__Output } from '../../../alphatensor/agent/v1/OutcomeKind.js';
import type { Measurement as _alphatensor_agent_v1_Measurement, Measurement__Output as _alphatensor_agent_v1_Measurement__Output } from '../../../alphatensor/agent/v1/Measurement.js';
import type { Environment as _alphatensor_agent_v1_Environment, Environment__Output as _alphatensor_agent_v1_Environment__Output } from '../../../alphatensor/agent/v1/Environment.js';
import type { Long } from '@grpc/proto-loader';

export interface Outcome {
  'kind'?: (_alphatensor_agent_v1_OutcomeKind);
  'jobId'?: (string);
  /**
   * One sentence; empty for MEASURED.
   */
  'message'?: (string);
  /**
   * What the compiler or the child printed, cut to 16 KiB.
   */
  'diagnostics'?: (string);
  /**
   * Present for MEASURED.
   */
  'measurement'?: (_alphatensor_agent_v1_Measurement | null);
  'environment'?: (_alphatensor_agent_v1_Environment | null);
  'compileSeconds'?: (number | string);
  'compileCached'?: (boolean);
  /**
   * Bytes of temporary memory the program needs beside the matrices.
   */
  'workspaceBytes'?: (number | string | Long);
  /**
   * WRONG_RESULT only: exact on integers, but the rounding error is over the bound. A property of the algorithm, where any
   * other wrong result is a fault of the program.
   */
  'overErrorBound'?: (boolean);
  '_measurement'?: "measurement";
  '_environment'?: "environment";
}

export interface Outcome__Output {
  'kind': (_alphatensor_agent_v1_OutcomeKind__Output);
  'jobId': (string);
  /**
   * One sentence; empty for MEASURED.
   */
  'message': (string);
  /**
   * What the compiler or the child printed, cut to 16 KiB.
   */
  'diagnostics': (string);
  /**
   * Present for MEASURED.
   */
  'measurement'?: (_alphatensor_agent_v1_Measurement__Output | null);
  'environment'?: (_alphatensor_agent_v1_Environment__Output | null);
  'compileSeconds': (number);
  'compileCached': (boolean);
  /**
   * Bytes of temporary memory the program needs beside the matrices.
   */
  'workspaceBytes': (number);
  /**
   * WRONG_RESULT only: exact on integers, but the rounding error is over the bound. A property of the algorithm, where any
   * other wrong result is a fault of the program.
   */
  'overErrorBound': (boolean);
  '_measurement'?: "measurement";
  '_environment'?: "environment";
}
