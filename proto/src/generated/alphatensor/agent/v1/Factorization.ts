// Original file: alphatensor/agent/v1/agent.proto

import type { FactorMatrix as _alphatensor_agent_v1_FactorMatrix, FactorMatrix__Output as _alphatensor_agent_v1_FactorMatrix__Output } from '../../../alphatensor/agent/v1/FactorMatrix.js';

/**
 * T_{n,m,p} = sum of u_r (x) v_r (x) w_r: A is n x m (index i*m+j), B is m x p (j*p+k), w indexes the product
 * transposed (k*n+i).
 */
export interface Factorization {
  'n'?: (number);
  'm'?: (number);
  'p'?: (number);
  'rank'?: (number);
  'u'?: (_alphatensor_agent_v1_FactorMatrix | null);
  'v'?: (_alphatensor_agent_v1_FactorMatrix | null);
  'w'?: (_alphatensor_agent_v1_FactorMatrix | null);
}

/**
 * T_{n,m,p} = sum of u_r (x) v_r (x) w_r: A is n x m (index i*m+j), B is m x p (j*p+k), w indexes the product
 * transposed (k*n+i).
 */
export interface Factorization__Output {
  'n': (number);
  'm': (number);
  'p': (number);
  'rank': (number);
  'u': (_alphatensor_agent_v1_FactorMatrix__Output | null);
  'v': (_alphatensor_agent_v1_FactorMatrix__Output | null);
  'w': (_alphatensor_agent_v1_FactorMatrix__Output | null);
}
