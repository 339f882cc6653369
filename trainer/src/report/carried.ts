import { gunzipSync, gzipSync } from 'node:zlib';
import {
  AlphaTensorError,
  contentHash,
  type FactorizationRecord,
  formatFactorizationJson,
  messageOf,
  parseFactorizationJson,
} from '@alphatensor-edge/shared';
import { z } from 'zod';
import type { MeasurementRow } from '../fleet/measurement.js';
import { checkedRow } from '../fleet/outcome-check.js';
import { anyRun } from '../run/config.js';
import { describeFactorization, type RunData } from '../run/reader.js';
import { carriedRow } from './carried-row.js';

// A page carries the runs it was made from, so that `at-trainer report page.html` reads them again. What is read may come from
// anybody, so it is checked: each factorization is reconstructed exactly, and no measurement is believed beyond its samples.

/** The id of the element that holds them. */
export const CARRIED_ID = 'runs';

/** Most bytes of unpacked JSON that are read. */
const MAX_BYTES = 512 * 2 ** 20;

const schema = z.object({
  format: z.literal('alphatensor-edge-runs'),
  formatVersion: z.literal(1),
  runs: z.array(
    z.object({
      name: z.string().max(1000),
      config: anyRun.nullable(),
      metrics: z.array(z.record(z.string(), z.unknown())),
      files: z.array(z.object({ file: z.string(), hash: z.string() })),
      measurements: z.array(carriedRow),
      algorithms: z.array(z.unknown()),
      notes: z.array(z.string()),
    }),
  ),
});

/** Packs runs into text that is safe in HTML: gzipped JSON in base64. */
export function packRuns(runs: readonly RunData[]): string {
  const document = {
    format: 'alphatensor-edge-runs',
    formatVersion: 1,
    runs: runs.map(({ name, config, metrics, factorizations, measurements, algorithms, notes }) => {
      // What was neither kept nor measured says nothing here.
      const used = new Set([
        ...factorizations.map(({ hash }) => hash),
        ...measurements.flatMap(({ algorithm }) => algorithm.levels),
      ]);
      return {
        ...{ name, config: config ?? null, metrics, measurements, notes },
        files: factorizations.map(({ file, hash }) => ({ file, hash })),
        algorithms: [...algorithms].flatMap(([hash, record]) =>
          used.has(hash) ? [JSON.parse(formatFactorizationJson(record))] : [],
        ),
      };
    }),
  };
  return gzipSync(JSON.stringify(document)).toString('base64');
}

/**
 * Reads the runs that a page carries.
 * @param name of the file, for errors
 * @throws AlphaTensorError UNSUPPORTED_FORMAT if it carries none, or they are damaged
 */
export function unpackRuns(page: string, name: string): RunData[] {
  const packed = new RegExp(`<script type="application/gzip" id="${CARRIED_ID}">([A-Za-z0-9+/=]*)</script>`).exec(
    page,
  )?.[1];
  if (packed === undefined) {
    throw new AlphaTensorError(
      'UNSUPPORTED_FORMAT',
      `${name} is not a report that carries its data; give a report.html of this version, or run folders.`,
    );
  }
  try {
    const text = gunzipSync(Buffer.from(packed, 'base64'), { maxOutputLength: MAX_BYTES }).toString('utf8');
    return schema.parse(JSON.parse(text)).runs.map(runOf);
  } catch (cause) {
    const why = cause instanceof z.ZodError ? z.prettifyError(cause).replace(/\s+/g, ' ') : messageOf(cause);
    throw new AlphaTensorError(
      'UNSUPPORTED_FORMAT',
      `The data in ${name} are damaged (${why}); make the report again.`,
      {
        cause,
      },
    );
  }
}

function runOf({
  name,
  config,
  metrics,
  files,
  measurements,
  algorithms,
  notes,
}: z.output<typeof schema>['runs'][number]): RunData {
  const records = new Map<string, FactorizationRecord>(
    algorithms.map((each) => {
      const record = parseFactorizationJson(JSON.stringify(each));
      return [contentHash(record.factorization), record];
    }),
  );
  return {
    name,
    config: config ?? undefined,
    metrics,
    factorizations: files.flatMap(({ file, hash }) => {
      const record = records.get(hash);
      return record === undefined ? [] : [describeFactorization(file, record)];
    }),
    // As of the store's rows, the figures are computed again from the samples.
    measurements: (measurements as unknown as MeasurementRow[]).map(checkedRow),
    algorithms: records,
    notes,
  };
}
