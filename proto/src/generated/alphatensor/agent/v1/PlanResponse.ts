// Original file: alphatensor/agent/v1/agent.proto

import type { ProgramCost as _alphatensor_agent_v1_ProgramCost, ProgramCost__Output as _alphatensor_agent_v1_ProgramCost__Output } from '../../../alphatensor/agent/v1/ProgramCost.js';

export interface PlanResponse {
  /**
   * Of the first factorizations, in their order. An agent that has no more time for the rest leaves it out.
   */
  'costs'?: (_alphatensor_agent_v1_ProgramCost)[];
}

export interface PlanResponse__Output {
  /**
   * Of the first factorizations, in their order. An agent that has no more time for the rest leaves it out.
   */
  'costs': (_alphatensor_agent_v1_ProgramCost__Output)[];
}
