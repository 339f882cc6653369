// Original file: alphatensor/agent/v1/agent.proto

import type { JobStage as _alphatensor_agent_v1_JobStage, JobStage__Output as _alphatensor_agent_v1_JobStage__Output } from '../../../alphatensor/agent/v1/JobStage.js';
import type { LevelSize as _alphatensor_agent_v1_LevelSize, LevelSize__Output as _alphatensor_agent_v1_LevelSize__Output } from '../../../alphatensor/agent/v1/LevelSize.js';
import type { Problem as _alphatensor_agent_v1_Problem, Problem__Output as _alphatensor_agent_v1_Problem__Output } from '../../../alphatensor/agent/v1/Problem.js';

/**
 * What a job is about and how far it is.
 */
export interface JobState {
  'jobId'?: (string);
  'stage'?: (_alphatensor_agent_v1_JobStage);
  /**
   * Recursion levels, outermost first. None: the baseline itself (the control).
   */
  'levels'?: (_alphatensor_agent_v1_LevelSize)[];
  'problem'?: (_alphatensor_agent_v1_Problem | null);
  'backend'?: (string);
  /**
   * Seconds since it began to run, or since it came if it waits.
   */
  'seconds'?: (number | string);
}

/**
 * What a job is about and how far it is.
 */
export interface JobState__Output {
  'jobId': (string);
  'stage': (_alphatensor_agent_v1_JobStage__Output);
  /**
   * Recursion levels, outermost first. None: the baseline itself (the control).
   */
  'levels': (_alphatensor_agent_v1_LevelSize__Output)[];
  'problem': (_alphatensor_agent_v1_Problem__Output | null);
  'backend': (string);
  /**
   * Seconds since it began to run, or since it came if it waits.
   */
  'seconds': (number);
}
