import { AlphaTensorError, type VerifiedFactorization } from '@alphatensor-edge/shared';
import { gameRules, type TrainingConfig } from '../config.js';
import type { Part } from '../game/grown.js';
import type { StoredWeight } from '../network/parameters.js';
import { type Checkpoint, loadCheckpoint, newestCheckpoint, type ResumeState } from '../run/checkpoint.js';
import { demonstrationsBefore, type NetworkProvenance, OWN_WALKS } from '../run/provenance.js';
import type { TrainingOptions } from './contract.js';
import { loadDemonstrations } from './demonstration-files.js';
import { loadStarts, NO_STARTS } from './flips/load-starts.js';
import { loadParts } from './parts.js';

/** Holds what a run begins with, read from its files. */
export interface Beginning {
  readonly provenance: NetworkProvenance;
  /** The orbits that the network of the checkpoint may have been shown by walks; undefined if it had none. */
  readonly shownOrbits: readonly string[] | undefined;
  /** The smaller factorizations from which synthetic games are grown. */
  readonly parts: readonly Part[];
  /** Factorizations that the run's own walks begin with. Empty for a resumed run, whose walks go on. */
  readonly walkStarts: readonly VerifiedFactorization[];
  /** Known factorizations to imitate. Empty for a resumed run, which has them in its replay. */
  readonly shown: readonly VerifiedFactorization[];
  /** Undefined for random weights. */
  readonly weights: readonly StoredWeight[] | undefined;
  /** Where a resumed run goes on. Undefined for a new run. */
  readonly resumed: ResumedRun | undefined;
}

/** Says where a resumed run goes on. */
interface ResumedRun {
  readonly step: number;
  readonly state: ResumeState;
}

/**
 * Reads what a run begins with.
 * @throws AlphaTensorError NOT_FOUND or UNSUPPORTED_FORMAT for a file that is missing or damaged; INVALID_ARGUMENT for a file that does
 *   not fit the game, or to resume from a checkpoint of weights alone
 */
export async function readBeginning(
  config: TrainingConfig,
  { runDir, resume, checkpoint }: Pick<TrainingOptions, 'runDir' | 'resume' | 'checkpoint'>,
): Promise<Beginning> {
  const path = resume ? await newestCheckpoint(runDir) : checkpoint;
  const before = path === undefined ? undefined : await loadCheckpoint(path);
  const resumed = resume && before !== undefined ? stateOf(before) : undefined;
  const { demonstrations, acting } = config;
  const walks = resumed === undefined ? await loadStarts(demonstrations.flips?.from ?? [], config) : NO_STARTS;
  const { parts, sources } = await loadParts(demonstrations.grown.files, gameRules(config));
  return {
    provenance: {
      demonstrations: [
        ...new Set([
          ...(demonstrations.flips === undefined ? [] : [OWN_WALKS]),
          ...(resume ? (before?.demonstrations ?? []) : demonstrationsBefore(before?.demonstrations ?? [])),
          ...demonstrations.files,
          ...walks.sources,
        ]),
      ],
      grownFrom: [...new Set([...(before?.grownFrom ?? []), ...sources])],
      insideSchoolbook: before?.insideSchoolbook === true || acting.insideGames > 0,
    },
    shownOrbits: before?.shownOrbits,
    parts,
    walkStarts: walks.starts,
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
