import { AlphaTensorError, transposedWords } from '@alphatensor-edge/shared';
import { resolveVariant } from './measurement-key.js';
import type { PoolAgent } from './pool-device.js';
import type { BenchmarkTask } from './request.js';

/**
 * Refuses a product of which operands lie transposed, if an agent does not say that it takes them: one of an older version would not see
 * it, and measure the plain product.
 * @throws AlphaTensorError INVALID_ARGUMENT
 */
export function requireTakes(
  { name, description }: Pick<PoolAgent, 'name' | 'description'>,
  task: Pick<BenchmarkTask, 'backend' | 'variant' | 'problem'>,
): void {
  const words = transposedWords(task.problem);
  if (words === undefined) return;
  const takes = description.backends.find((one) => one.name === task.backend)?.transposedVariants ?? [];
  if (takes.includes(resolveVariant(task, description))) return;
  const fix =
    takes.length > 0
      ? `take --variant ${takes.join(' or ')}`
      : 'update at-agent there, or take the backend c-gcc or c-clang, if it has an older version or another backend';
  throw new AlphaTensorError(
    'INVALID_ARGUMENT',
    `${task.backend} on ${name} cannot measure a product with ${words} (${task.problem.transposed}); ${fix}.`,
    { field: '--problem' },
  );
}
