import { blasText, errorWords, inputErrorWords } from '@alphatensor-edge/proto';
import { type MeasurementRow, problemWords } from '../fleet/measurement.js';
import { energyWords } from './words.js';

/** Makes one result as a document, with the fields that scripts need first. */
export function rowDocument(row: MeasurementRow) {
  const { outcome, device, algorithm, problem } = row;
  const { environment, measurement } = outcome;
  return {
    outcome: outcome.kind.replace('OUTCOME_KIND_', ''),
    message: outcome.message,
    agent: row.agent,
    device,
    algorithm,
    problem,
    backend: row.backend,
    variant: row.variant,
    compiler: environment?.compiler,
    blas: environment?.blas,
    speedup: measurement?.speedup,
    fasterThanBaseline: measurement?.fasterThanBaseline,
    relativeError: measurement?.relativeError,
    baselineRelativeError: measurement?.baselineRelativeError,
    ownGemmRelativeError: measurement?.ownGemmRelativeError,
    predictedRelativeError: measurement?.predictedRelativeError,
    growth: measurement?.growth,
    inputErrors: measurement?.inputErrors,
    samples: measurement && {
      baselineSeconds: measurement.baselineSeconds,
      candidateSeconds: measurement.candidateSeconds,
      ownGemmSeconds: measurement.ownGemmSeconds,
    },
    measurement: measurement && {
      ...measurement,
      baselineSeconds: undefined,
      candidateSeconds: undefined,
      ownGemmSeconds: undefined,
    },
    environment,
    diagnostics: outcome.diagnostics,
    compileSeconds: outcome.compileSeconds,
    workspaceBytes: outcome.workspaceBytes,
    createdAt: row.createdAt,
  };
}

/** Writes one result in one line. */
export function rowLine(row: MeasurementRow): string {
  const where = `${row.algorithm.label} at ${problemWords(row.problem)} on ${row.agent} (${row.backend})`;
  const { outcome } = row;
  const measurement = outcome.measurement;
  if (!measurement?.speedup) return `${where}: ${outcome.kind.replace('OUTCOME_KIND_', '')}: ${outcome.message}`;
  const { estimate, low, high } = measurement.speedup;
  const blas = outcome.environment?.blas;
  const baseline =
    blas && (blas.thirdParty || blas.library !== 'portable')
      ? `${blasText(blas)}${blas.thirdParty ? '' : ' (no BLAS)'}`
      : "the project's own portable GEMM (no BLAS)";
  const sustained = measurement.sustainedSpeedup
    ? `, ${measurement.sustainedSpeedup.estimate.toFixed(3)}x in the last third`
    : '';
  const energy = measurement.sustainedSpeedup
    ? `, ${energyWords(measurement.baselineJoules, measurement.candidateJoules)}`
    : '';
  const flags = measurement.flags.length > 0 ? ` [${measurement.flags.join('; ')}]` : '';
  return `${where}: ${estimate.toFixed(3)}x (95 % interval ${low.toFixed(3)} to ${high.toFixed(3)})${sustained} of ${baseline}, ${measurement.baselineSeconds.length} rounds, ${[errorWords(measurement), ...inputErrorWords(measurement.inputErrors)].join('; ')}${energy}${flags}`;
}
