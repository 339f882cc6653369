import {
  allowedCpus,
  cpuQuota,
  isExactOverNumbers,
  moduloWords,
  transposedWords,
  usableThreads,
} from '@alphatensor-edge/shared';
import type { Backend } from '../backends/backend.js';
import type { Job } from './job.js';

/** Says why this version cannot carry a job out. Undefined if it can. */
export function whyUnsupported(
  { variant, levels, problem }: Job,
  { name, variants, dtypes, transposedVariants = [] }: Backend,
): string | undefined {
  if (variant !== '' && !variants.includes(variant)) {
    return `${name} has no variant "${variant}"; it has ${variants.join(', ')}.`;
  }
  if (!dtypes.includes(problem.dtype)) {
    return `${name} has no programs in ${problem.dtype}; it has them in ${dtypes.join(', ')}.`;
  }
  const words = transposedWords(problem);
  if (words !== undefined && !transposedVariants.includes(variant || variants[0])) {
    const takers = transposedVariants.length === 0 ? 'no variant of it does' : `${transposedVariants.join(', ')} does`;
    return `${name} measures no product with ${words} in the variant ${variant || variants[0]}; ${takers}.`;
  }
  const [cpus, threads] = [allowedCpus().length, usableThreads()];
  if (cpus < problem.threads) return `${problem.threads} threads were requested, but there are ${cpus} CPUs.`;
  if (threads < problem.threads) {
    return `${problem.threads} threads were requested, but a CPU quota grants this agent the time of ${cpuQuota()} of ${cpus} CPUs; ask for ${threads}, or raise the quota (docker --cpus, cpu.max).`;
  }
  const modular = levels.findIndex((level) => !isExactOverNumbers(level));
  if (modular >= 0) {
    return `Level ${modular} is exact ${moduloWords(levels[modular].arithmetic)} only; a product of real matrices needs a factorization in standard arithmetic.`;
  }
  return undefined;
}
