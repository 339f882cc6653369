// Original file: alphatensor/agent/v1/agent.proto

export const StopReason = {
  STOP_REASON_UNSPECIFIED: 'STOP_REASON_UNSPECIFIED',
  STOP_REASON_CONVERGED: 'STOP_REASON_CONVERGED',
  STOP_REASON_NOISE_PLATEAU: 'STOP_REASON_NOISE_PLATEAU',
  STOP_REASON_BUDGET: 'STOP_REASON_BUDGET',
  STOP_REASON_MAX_ROUNDS: 'STOP_REASON_MAX_ROUNDS',
} as const;

export type StopReason =
  | 'STOP_REASON_UNSPECIFIED'
  | 0
  | 'STOP_REASON_CONVERGED'
  | 1
  | 'STOP_REASON_NOISE_PLATEAU'
  | 2
  | 'STOP_REASON_BUDGET'
  | 3
  | 'STOP_REASON_MAX_ROUNDS'
  | 4

export type StopReason__Output = typeof StopReason[keyof typeof StopReason]
