import type { Environment } from '@alphatensor-edge/proto';
import { boundedBlas, boundedName } from './bounded-text.js';

/** More CPUs than any device has. */
const MAX_CPUS = 4096;

/** Bounds what an agent says of the circumstances of a measurement. */
export function boundedEnvironment(environment: Environment): Environment {
  const { blas, pinnedCpus, governor, compilerFlags, ...rest } = environment;
  const names = [
    ...['agentVersion', 'backend', 'variant', 'compiler', 'cpuModel', 'vectorIsa'],
    ...['os', 'kernel', 'pagePolicy', 'startedAt', 'accelerator'],
  ] as (keyof typeof rest)[];
  const texts = names.flatMap((name) => {
    const text = rest[name];
    return typeof text === 'string' ? [[name, boundedName(text)]] : [];
  });
  return {
    ...rest,
    ...Object.fromEntries(texts),
    // An unknown value is absent, and stays so.
    ...(blas !== undefined && { blas: blas && boundedBlas(blas) }),
    ...(typeof governor === 'string' && { governor: boundedName(governor) }),
    ...(typeof compilerFlags === 'string' && { compilerFlags: boundedName(compilerFlags, MAX_FLAGS) }),
    ...(pinnedCpus !== undefined && { pinnedCpus: pinnedCpus.slice(0, MAX_CPUS) }),
  } as Environment;
}

/** The longest list of a compiler's flags, characters. */
const MAX_FLAGS = 2000;
