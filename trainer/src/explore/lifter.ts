import { parentPort } from 'node:worker_threads';
import { type Factorization, Random, type VerifiedFactorization, verify } from '@alphatensor-edge/shared';
import { lift } from './lift.js';

// The program of a worker thread. It lifts the factorizations that it is sent, so that seconds of linear algebra do not block others.

export type LifterReply = Factorization | undefined;

parentPort?.on('message', (factorization: Factorization) => {
  const lifted: VerifiedFactorization | undefined = lift(verify(factorization), new Random('lift'));
  parentPort?.postMessage(lifted satisfies LifterReply);
});
