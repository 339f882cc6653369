// Original file: alphatensor/agent/v1/agent.proto

import type { Queued as _alphatensor_agent_v1_Queued, Queued__Output as _alphatensor_agent_v1_Queued__Output } from '../../../alphatensor/agent/v1/Queued.js';
import type { Compiling as _alphatensor_agent_v1_Compiling, Compiling__Output as _alphatensor_agent_v1_Compiling__Output } from '../../../alphatensor/agent/v1/Compiling.js';
import type { Measuring as _alphatensor_agent_v1_Measuring, Measuring__Output as _alphatensor_agent_v1_Measuring__Output } from '../../../alphatensor/agent/v1/Measuring.js';
import type { Outcome as _alphatensor_agent_v1_Outcome, Outcome__Output as _alphatensor_agent_v1_Outcome__Output } from '../../../alphatensor/agent/v1/Outcome.js';
import type { Tuning as _alphatensor_agent_v1_Tuning, Tuning__Output as _alphatensor_agent_v1_Tuning__Output } from '../../../alphatensor/agent/v1/Tuning.js';
import type { Waiting as _alphatensor_agent_v1_Waiting, Waiting__Output as _alphatensor_agent_v1_Waiting__Output } from '../../../alphatensor/agent/v1/Waiting.js';

export interface BenchmarkResponse {
  'queued'?: (_alphatensor_agent_v1_Queued | null);
  'compiling'?: (_alphatensor_agent_v1_Compiling | null);
  'measuring'?: (_alphatensor_agent_v1_Measuring | null);
  'outcome'?: (_alphatensor_agent_v1_Outcome | null);
  'tuning'?: (_alphatensor_agent_v1_Tuning | null);
  'waiting'?: (_alphatensor_agent_v1_Waiting | null);
  'event'?: "queued"|"compiling"|"measuring"|"outcome"|"tuning"|"waiting";
}

export interface BenchmarkResponse__Output {
  'queued'?: (_alphatensor_agent_v1_Queued__Output | null);
  'compiling'?: (_alphatensor_agent_v1_Compiling__Output | null);
  'measuring'?: (_alphatensor_agent_v1_Measuring__Output | null);
  'outcome'?: (_alphatensor_agent_v1_Outcome__Output | null);
  'tuning'?: (_alphatensor_agent_v1_Tuning__Output | null);
  'waiting'?: (_alphatensor_agent_v1_Waiting__Output | null);
  'event'?: "queued"|"compiling"|"measuring"|"outcome"|"tuning"|"waiting";
}
