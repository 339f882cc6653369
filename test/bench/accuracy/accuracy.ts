import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { findBackend, findToolchain } from '@alphatensor-edge/agent/backends/backends.js';
import { MIN_LEAF_DEPTH } from '@alphatensor-edge/agent/measure/error-prediction.js';
import { wholeNumber } from '@alphatensor-edge/shared';
import { type Bench, refusal } from '../bench.js';
import { machine, machineLine } from '../common/machine.js';
import { counts, oneOf } from '../common/options.js';
import { compileSchemes, type DType, measureSize, type Row } from './measure.js';
import { plot } from './plot.js';
import { defaultNames, readScheme } from './schemes.js';
import { spreads } from './summary.js';
import { constantLines, rowLines, spreadLines } from './table.js';

export const bench: Bench = {
  summary: "predicted against measured error of the catalogue's algorithms and of products of them",
  help: `Measures the relative errors of many algorithms against float64 and compares them with c x growth. c is the error of a leaf
product, fitted on <1,1,1> and Winograd's form at the same depth, in the same run and by the same code as the agent does it.
Nothing is timed, so the machine need not be quiet; a first run mostly compiles.

  NAMES…           algorithms, joined by "*" for products, outermost first (the catalogue but for its balanced ones, and more)
  --sizes LIST     dimensions of the cubic products (512,1024,2048)
  --dtypes LIST    f32, f64 (both)
  --seed N         of the random inputs (0)
  --compile-only   compile and stop, so that a later run takes less time
  --out FILE       also writes the plot as SVG
  --json           one object instead of the tables
`,
  async run(args) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        sizes: { type: 'string', default: '512,1024,2048' },
        dtypes: { type: 'string', default: 'f32,f64' },
        seed: { type: 'string', default: '0' },
        'compile-only': { type: 'boolean', default: false },
        out: { type: 'string' },
        json: { type: 'boolean', default: false },
      },
    });
    const sizes = counts('--sizes', values.sizes);
    const dtypes = values.dtypes.split(',').map((text) => oneOf<DType>('--dtypes', ['f32', 'f64'], text));
    const schemes = await Promise.all((positionals.length > 0 ? positionals : defaultNames()).map(readScheme));
    for (const { name, levels } of schemes) {
      const blocks = levels.reduce((product, { size }) => product * size.m, 1);
      if (Math.min(...sizes) / blocks < MIN_LEAF_DEPTH)
        throw refusal(
          `${name} at ${Math.min(...sizes)} has leaf products less than ${MIN_LEAF_DEPTH} deep; take larger --sizes.`,
        );
    }
    const signal = new AbortController().signal;
    const backend = findBackend('c-gcc');
    const probe = await findToolchain('c-gcc', signal);
    if (backend === undefined || !probe.ok)
      throw refusal(`c-gcc is not available: ${probe.ok ? 'unknown' : probe.reason}`);
    const device = {
      backend,
      toolchain: probe.toolchain,
      seed: wholeNumber('--seed', 0, 2 ** 32 - 1)(values.seed),
      signal,
    };
    const tell = (what: string): void => void process.stderr.write(`${what}\n`);
    const rows: Row[] = [];
    for (const dtype of dtypes) {
      const programs = await compileSchemes(schemes, dtype, device, tell);
      if (values['compile-only']) continue;
      for (const size of sizes) rows.push(...(await measureSize(programs, size, dtype, device, tell)));
    }
    if (values['compile-only']) return;
    const summary = spreads(rows);
    if (values.out !== undefined) await writeFile(values.out, plot(rows));
    if (values.json) {
      console.log(JSON.stringify({ formatVersion: 1, machine: machine(), spreads: summary, rows }, null, 2));
      return;
    }
    console.log(
      `${machineLine()}, baseline ${probe.toolchain.blas[0].name}; relative errors in units of rounding (2^-24, 2^-53)\n`,
    );
    for (const line of [...rowLines(rows), '', ...constantLines(rows), '', ...spreadLines(summary)]) console.log(line);
  },
};
