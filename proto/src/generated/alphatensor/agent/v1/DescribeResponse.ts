// Original file: alphatensor/agent/v1/agent.proto

import type { Device as _alphatensor_agent_v1_Device, Device__Output as _alphatensor_agent_v1_Device__Output } from '../../../alphatensor/agent/v1/Device.js';
import type { Backend as _alphatensor_agent_v1_Backend, Backend__Output as _alphatensor_agent_v1_Backend__Output } from '../../../alphatensor/agent/v1/Backend.js';
import type { QueueState as _alphatensor_agent_v1_QueueState, QueueState__Output as _alphatensor_agent_v1_QueueState__Output } from '../../../alphatensor/agent/v1/QueueState.js';
import type { JobState as _alphatensor_agent_v1_JobState, JobState__Output as _alphatensor_agent_v1_JobState__Output } from '../../../alphatensor/agent/v1/JobState.js';

export interface DescribeResponse {
  /**
   * The oldest and the newest protocol version this agent accepts.
   */
  'minProtocolVersion'?: (number);
  'maxProtocolVersion'?: (number);
  'agentVersion'?: (string);
  /**
   * Random, made once for an installation; not derived from any hardware identifier.
   */
  'deviceId'?: (string);
  'device'?: (_alphatensor_agent_v1_Device | null);
  'backends'?: (_alphatensor_agent_v1_Backend)[];
  'queue'?: (_alphatensor_agent_v1_QueueState | null);
  /**
   * The job that runs, then the first of those that wait, in their order. None with older agents.
   */
  'jobs'?: (_alphatensor_agent_v1_JobState)[];
  /**
   * What the processor's hottest sensor says now. Absent: unknown.
   */
  'temperatureCelsius'?: (number | string);
  '_temperatureCelsius'?: "temperatureCelsius";
}

export interface DescribeResponse__Output {
  /**
   * The oldest and the newest protocol version this agent accepts.
   */
  'minProtocolVersion': (number);
  'maxProtocolVersion': (number);
  'agentVersion': (string);
  /**
   * Random, made once for an installation; not derived from any hardware identifier.
   */
  'deviceId': (string);
  'device': (_alphatensor_agent_v1_Device__Output | null);
  'backends': (_alphatensor_agent_v1_Backend__Output)[];
  'queue': (_alphatensor_agent_v1_QueueState__Output | null);
  /**
   * The job that runs, then the first of those that wait, in their order. None with older agents.
   */
  'jobs': (_alphatensor_agent_v1_JobState__Output)[];
  /**
   * What the processor's hottest sensor says now. Absent: unknown.
   */
  'temperatureCelsius'?: (number);
  '_temperatureCelsius'?: "temperatureCelsius";
}
