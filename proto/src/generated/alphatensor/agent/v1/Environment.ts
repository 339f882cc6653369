// Original file: alphatensor/agent/v1/agent.proto

import type { Blas as _alphatensor_agent_v1_Blas, Blas__Output as _alphatensor_agent_v1_Blas__Output } from '../../../alphatensor/agent/v1/Blas.js';
import type { KernelPlan as _alphatensor_agent_v1_KernelPlan, KernelPlan__Output as _alphatensor_agent_v1_KernelPlan__Output } from '../../../alphatensor/agent/v1/KernelPlan.js';

/**
 * What the figures were measured on. An absent value is unknown.
 */
export interface Environment {
  'agentVersion'?: (string);
  'backend'?: (string);
  'variant'?: (string);
  'compiler'?: (string);
  'compilerFlags'?: (string);
  'blas'?: (_alphatensor_agent_v1_Blas | null);
  /**
   * Threads the baseline really used.
   */
  'baselineThreads'?: (number);
  'cpuModel'?: (string);
  'vectorIsa'?: (string);
  'os'?: (string);
  'kernel'?: (string);
  'pinnedCpus'?: (number)[];
  'governor'?: (string);
  'frequencyMhz'?: (number | string);
  'temperatureCelsius'?: (number | string);
  'loadAverage'?: (number | string);
  'throttled'?: (boolean);
  'pagePolicy'?: (string);
  'startedAt'?: (string);
  /**
   * Absent for programs that have none.
   */
  'kernelPlan'?: (_alphatensor_agent_v1_KernelPlan | null);
  /**
   * What multiplied, where it is not the processor; with "(software)" where it only pretends to be something else. On an
   * accelerator baseline_threads is 0.
   */
  'accelerator'?: (string);
  '_governor'?: "governor";
  '_frequencyMhz'?: "frequencyMhz";
  '_temperatureCelsius'?: "temperatureCelsius";
  '_loadAverage'?: "loadAverage";
  '_throttled'?: "throttled";
  '_kernelPlan'?: "kernelPlan";
}

/**
 * What the figures were measured on. An absent value is unknown.
 */
export interface Environment__Output {
  'agentVersion': (string);
  'backend': (string);
  'variant': (string);
  'compiler': (string);
  'compilerFlags': (string);
  'blas': (_alphatensor_agent_v1_Blas__Output | null);
  /**
   * Threads the baseline really used.
   */
  'baselineThreads': (number);
  'cpuModel': (string);
  'vectorIsa': (string);
  'os': (string);
  'kernel': (string);
  'pinnedCpus': (number)[];
  'governor'?: (string);
  'frequencyMhz'?: (number);
  'temperatureCelsius'?: (number);
  'loadAverage'?: (number);
  'throttled'?: (boolean);
  'pagePolicy': (string);
  'startedAt': (string);
  /**
   * Absent for programs that have none.
   */
  'kernelPlan'?: (_alphatensor_agent_v1_KernelPlan__Output | null);
  /**
   * What multiplied, where it is not the processor; with "(software)" where it only pretends to be something else. On an
   * accelerator baseline_threads is 0.
   */
  'accelerator': (string);
  '_governor'?: "governor";
  '_frequencyMhz'?: "frequencyMhz";
  '_temperatureCelsius'?: "temperatureCelsius";
  '_loadAverage'?: "loadAverage";
  '_throttled'?: "throttled";
  '_kernelPlan'?: "kernelPlan";
}
