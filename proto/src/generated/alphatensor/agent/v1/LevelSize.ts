// Original file: alphatensor/agent/v1/agent.proto


/**
 * The size and the rank of a level.
 */
export interface LevelSize {
  'n'?: (number);
  'm'?: (number);
  'p'?: (number);
  'rank'?: (number);
}

/**
 * The size and the rank of a level.
 */
export interface LevelSize__Output {
  'n': (number);
  'm': (number);
  'p': (number);
  'rank': (number);
}
