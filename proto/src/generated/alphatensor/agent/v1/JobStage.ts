// Original file: alphatensor/agent/v1/agent.proto

export const JobStage = {
  /**
   * It runs and has not said more.
   */
  JOB_STAGE_UNSPECIFIED: 'JOB_STAGE_UNSPECIFIED',
  /**
   * Others run before it on this agent.
   */
  JOB_STAGE_QUEUED: 'JOB_STAGE_QUEUED',
  /**
   * Another measurement on this host has to end first.
   */
  JOB_STAGE_WAITING: 'JOB_STAGE_WAITING',
  JOB_STAGE_COMPILING: 'JOB_STAGE_COMPILING',
  JOB_STAGE_TUNING: 'JOB_STAGE_TUNING',
  JOB_STAGE_MEASURING: 'JOB_STAGE_MEASURING',
} as const;

export type JobStage =
  /**
   * It runs and has not said more.
   */
  | 'JOB_STAGE_UNSPECIFIED'
  | 0
  /**
   * Others run before it on this agent.
   */
  | 'JOB_STAGE_QUEUED'
  | 1
  /**
   * Another measurement on this host has to end first.
   */
  | 'JOB_STAGE_WAITING'
  | 2
  | 'JOB_STAGE_COMPILING'
  | 3
  | 'JOB_STAGE_TUNING'
  | 4
  | 'JOB_STAGE_MEASURING'
  | 5

export type JobStage__Output = typeof JobStage[keyof typeof JobStage]
