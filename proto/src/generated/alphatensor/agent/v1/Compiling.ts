// Original file: alphatensor/agent/v1/agent.proto


export interface Compiling {
  'compiler'?: (string);
}

export interface Compiling__Output {
  'compiler': (string);
}
