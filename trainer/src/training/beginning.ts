import { AlphaTensorError, type VerifiedFactorization } from '@alphatensor-edge/shared';
import { gameRules, type TrainingConfig } from '../config.js';
import type { Part } from '../game/grown.js';
import type { StoredWeight } from '../network/parameters.js';
import { type Checkpoint, loadCheckpoint, newestCheckpoint, type ResumeState } from '../run/checkpoint.js';
import type { NetworkProvenance } from '../run/provenance.js';
import type { TrainingOptions } from './contract.js';
import { loadDemonstrations } from './demonstration-files.js';
import { loadParts } from './parts.js';

/** What a run begins with, read from its files. */
export interface Beginning {
  readonly provenance: NetworkProvenance;
  /** What synthetic games are grown from. */
  readonly parts: readonly Part[];
  /** Known factorizations to imitate; a resumed run has them in its replay. */
  readonly shown: readonly VerifiedFactorization[];
  /** Undefined: random ones. */
  readonly weights: readonly StoredWeight[] | undefined;
  /** Where a resumed run goes on; undefined: it is a new one. */
  readonly resumed: ResumedRun | undefined;
}

export interface ResumedRun {
  readonly step: number;
  readonly state: ResumeState;
}

/**
 * Reads what a run begins with.
 * @throws AlphaTensorError NOT_FOUND, UNSUPPORTED_FORMAT, INVALID_ARGUMENT (a checkpoint of weights only that is to be resumed,
 *   a file that does not fit the game)
 */
export async function readBeginning(
  config: TrainingConfig,
  { runDir, resume, checkpoint }: Pick<TrainingOptions, 'runDir' | 'resume' | 'checkpoint'>,
): Promise<Beginning> {
  const path = resume ? await newestCheckpoint(runDir) : checkpoint;
  const before = path === undefined ? undefined : await loadCheckpoint(path);
  const resumed = resume && before !== undefined ? stateOf(before) : undefined;
  const { demonstrations, acting } = config;
  const { parts, sources } = await loadParts(demonstrations.grown.files, gameRules(config));
  return {
    provenance: {
      demonstrations: [...new Set([...(before?.demonstrations ?? []), ...demonstrations.files])],
      grownFrom: [...new Set([...(before?.grownFrom ?? []), ...sources])],
      insideSchoolbook: before?.insideSchoolbook === true || acting.insideGames > 0,
    },
    parts,
    shown: resumed === undefined ? await loadDemonstrations(config) : [],
    weights: before?.weights,
    resumed,
  };
}

function stateOf({ step, resume }: Checkpoint): ResumedRun {
  if (resume !== undefined) return { step, state: resume };
  throw new AlphaTensorError(
    'INVALID_ARGUMENT',
    'This checkpoint holds weights only and cannot be resumed; start from it.',
    { field: 'resume' },
  );
}
