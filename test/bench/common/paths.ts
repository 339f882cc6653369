import { fileURLToPath } from 'node:url';

/** The repository's root, as seen from the compiled benches in test/dist/bench/common. */
const ROOT = new URL('../../../../', import.meta.url);

/** The path of a file of the repository, or beside it. @param path from the root */
export function repositoryPath(path: string): string {
  return fileURLToPath(new URL(path, ROOT));
}

/** The network that fine-tuning of <2,2,2> begins with. */
export const CHECKPOINT_222 = repositoryPath('trainer/checkpoints/2x2x2-tiny');
/** Published factorizations, which are kept beside the repository. */
export const DATA = repositoryPath('../shared/data/');
