import { repositoryPath } from '../../support/repository.js';

/** The network that fine-tuning of <2,2,2> begins with. */
export const CHECKPOINT_222 = repositoryPath('trainer/checkpoints/2x2x2-tiny');
/** Published factorizations, which are kept beside the repository. */
export const DATA = repositoryPath('../shared/data/');
