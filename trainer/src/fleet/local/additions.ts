import { rmSync } from 'node:fs';
import { join } from 'node:path';
import {
  AlphaTensorError,
  saveFactorization,
  temporaryFolder,
  type VerifiedFactorization,
} from '@alphatensor-edge/shared';
import { z } from 'zod';
import { readAgentCommand } from './agent-command.js';

const counted = z.array(z.object({ after: z.object({ total: z.number() }) }));

/**
 * Has `at-agent additions` on this machine count the additions of each, with common sums computed once.
 * @throws AlphaTensorError UNAVAILABLE if the agent is not installed or fails
 */
export async function countAdditions(factorizations: readonly VerifiedFactorization[]): Promise<number[]> {
  const folder = temporaryFolder('at-trainer-');
  try {
    const files = factorizations.map((_, index) => join(folder, `${index}.json`));
    for (const [index, factorization] of factorizations.entries()) {
      await saveFactorization(files[index], { factorization, origin: 'imported' });
    }
    const { code, stdout, stderr } = await readAgentCommand(['additions', ...files, '--json']);
    const counts = code === 0 ? counted.safeParse(JSON.parse(stdout)) : undefined;
    if (counts?.success && counts.data.length === factorizations.length) {
      return counts.data.map(({ after }) => after.total);
    }
    throw new AlphaTensorError(
      'UNAVAILABLE',
      `at-agent additions on this machine failed: ${stderr.trim() || `it ended with status ${code}`}; install the agent of this version.`,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
