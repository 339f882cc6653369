import type { JobStage, JobState } from '@alphatensor-edge/proto';
import { transposedOf } from '@alphatensor-edge/shared';
import { DTYPES, problemWords } from './measurement.js';

const STAGE_WORDS: Readonly<Record<JobStage, string>> = {
  JOB_STAGE_UNSPECIFIED: 'starting',
  JOB_STAGE_QUEUED: 'waiting here:',
  JOB_STAGE_WAITING: 'waiting until no other agent of the host measures:',
  JOB_STAGE_COMPILING: 'compiling',
  JOB_STAGE_TUNING: 'trying plans of',
  JOB_STAGE_MEASURING: 'measuring',
};

/** Writes what an agent's job is about and how far it is: `measuring <2,2,2;7> * <4,4,4;48> at 2048x2048x2048 f32, 1 thread, with c-gcc`. */
export function jobWords(job: JobState): string {
  return `${STAGE_WORDS[job.stage] ?? 'busy with'} ${subjectWords(job)}`;
}

/** Writes what a job is about. An agent may be newer, and name number formats that are not known here. */
function subjectWords({ levels, problem, backend }: JobState): string {
  const algorithm = levels.map(({ n, m, p, rank }) => `<${n},${m},${p};${rank}>`).join(' * ') || 'the baseline';
  const dtype = DTYPES.find((each) => problem?.dataType === `DATA_TYPE_${each.toUpperCase()}`);
  const at =
    problem === null || dtype === undefined
      ? ''
      : ` at ${problemWords({ ...problem, dtype, transposed: transposedOf(problem.transposeA, problem.transposeB) })}`;
  return `${algorithm}${at}, with ${backend}`;
}
