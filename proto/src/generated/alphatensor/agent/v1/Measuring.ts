// Original file: alphatensor/agent/v1/agent.proto

import type { Interval as _alphatensor_agent_v1_Interval, Interval__Output as _alphatensor_agent_v1_Interval__Output } from '../../../alphatensor/agent/v1/Interval.js';

export interface Measuring {
  'rounds'?: (number);
  /**
   * The running estimate; absent before there is one.
   */
  'speedup'?: (_alphatensor_agent_v1_Interval | null);
  '_speedup'?: "speedup";
}

export interface Measuring__Output {
  'rounds': (number);
  /**
   * The running estimate; absent before there is one.
   */
  'speedup'?: (_alphatensor_agent_v1_Interval__Output | null);
  '_speedup'?: "speedup";
}
