// Original file: alphatensor/agent/v1/agent.proto


export interface QueueState {
  'runningJobs'?: (number);
  'waitingJobs'?: (number);
  'capacityJobs'?: (number);
}

export interface QueueState__Output {
  'runningJobs': (number);
  'waitingJobs': (number);
  'capacityJobs': (number);
}
