// Original file: alphatensor/agent/v1/agent.proto


export interface Tuning {
  'plansTried'?: (number);
  'plans'?: (number);
}

export interface Tuning__Output {
  'plansTried': (number);
  'plans': (number);
}
