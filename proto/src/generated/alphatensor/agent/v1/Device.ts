// Original file: alphatensor/agent/v1/agent.proto

import type { Long } from '@grpc/proto-loader';

/**
 * An allow-list: no serial numbers, MAC addresses or user names.
 */
export interface Device {
  'hostname'?: (string);
  'cpuModel'?: (string);
  'architecture'?: (string);
  'physicalCores'?: (number);
  'logicalCores'?: (number);
  'memoryBytes'?: (number | string | Long);
  /**
   * Bytes per core (L1 data, L2) and in all (L3); absent where unknown.
   */
  'l1dCacheBytes'?: (number | string | Long);
  'l2CacheBytes'?: (number | string | Long);
  'l3CacheBytes'?: (number | string | Long);
  /**
   * For example "avx512", "avx2", "neon", "generic".
   */
  'vectorIsa'?: (string);
  'os'?: (string);
  'kernel'?: (string);
  'gpus'?: (string)[];
  /**
   * CPUs' time that a control group grants the agent, such as 1.5 in a container with --cpus 1.5; absent without a quota.
   */
  'cpuQuota'?: (number | string);
  '_l1dCacheBytes'?: "l1dCacheBytes";
  '_l2CacheBytes'?: "l2CacheBytes";
  '_l3CacheBytes'?: "l3CacheBytes";
  '_cpuQuota'?: "cpuQuota";
}

/**
 * An allow-list: no serial numbers, MAC addresses or user names.
 */
export interface Device__Output {
  'hostname': (string);
  'cpuModel': (string);
  'architecture': (string);
  'physicalCores': (number);
  'logicalCores': (number);
  'memoryBytes': (number);
  /**
   * Bytes per core (L1 data, L2) and in all (L3); absent where unknown.
   */
  'l1dCacheBytes'?: (number);
  'l2CacheBytes'?: (number);
  'l3CacheBytes'?: (number);
  /**
   * For example "avx512", "avx2", "neon", "generic".
   */
  'vectorIsa': (string);
  'os': (string);
  'kernel': (string);
  'gpus': (string)[];
  /**
   * CPUs' time that a control group grants the agent, such as 1.5 in a container with --cpus 1.5; absent without a quota.
   */
  'cpuQuota'?: (number);
  '_l1dCacheBytes'?: "l1dCacheBytes";
  '_l2CacheBytes'?: "l2CacheBytes";
  '_l3CacheBytes'?: "l3CacheBytes";
  '_cpuQuota'?: "cpuQuota";
}
