import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { AlphaTensorError, messageOf } from '@alphatensor-edge/shared';
import { Bindings } from '@alphatensor-edge/trainer/shapes/bindings.js';
import { inferShapes } from '@alphatensor-edge/trainer/shapes/infer.js';
import type { Model } from '@alphatensor-edge/trainer/shapes/model.js';
import { readModel } from '@alphatensor-edge/trainer/shapes/read-model.js';
import { repositoryPath } from '../../support/repository.js';
import { type Bench, refusal } from '../bench.js';

export const bench: Bench = {
  summary: "the shapes of at-trainer shapes against those of ONNX's own inference",
  help: `Compares, value by value, the shapes that at-trainer shapes infers with those of onnx.shape_inference: of the test cases of all
operators and the models that come with the Python package onnx, or of the models that are named. What models declare of their own
values is taken away first. A contradiction makes the exit status 1.

  MODEL...       .onnx files with fixed inputs (all of the package's)
  --python FILE  a Python that has the package onnx (python3)
  --list         list each value of which ONNX's inference knows more
`,
  async run(args) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { python: { type: 'string', default: 'python3' }, list: { type: 'boolean', default: false } },
    });
    const folder = mkdtempSync(join(tmpdir(), 'onnx-shapes-'));
    try {
      compare(inferredByOnnx(values.python, folder, positionals), values.list);
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};

/** What ONNX's inference says of one model; null: the size, or the whole shape, is unknown. */
interface Inferred {
  readonly model: string;
  readonly values?: Readonly<Record<string, readonly (number | null)[] | null>>;
  readonly problem?: string;
}

function inferredByOnnx(python: string, folder: string, models: readonly string[]): Inferred[] {
  const script = repositoryPath('test/bench/shapes/infer.py');
  try {
    const output = execFileSync(python, [script, folder, ...models], {
      encoding: 'utf8',
      maxBuffer: 2 ** 30,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const lines = output.trim().split('\n');
    return lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as Inferred);
  } catch (error) {
    const last = messageOf((error as { stderr?: string }).stderr?.trim().split('\n').at(-1) ?? error);
    throw refusal(`"${python}" could not infer shapes (${last}); name a Python with the package onnx by --python.`);
  }
}

type Verdict = 'same' | 'more' | 'less' | 'other';

function compare(all: readonly Inferred[], lists: boolean): void {
  const counts: Record<Verdict, number> = { same: 0, more: 0, less: 0, other: 0 };
  const refused: string[] = [];
  for (const { model, values = {}, problem } of all) {
    if (problem !== undefined) continue;
    const name = model.slice(model.lastIndexOf('/') + 1);
    try {
      const known = inferShapes(withoutDeclared(readModel(model)), new Bindings([])).values;
      for (const [value, theirs] of Object.entries(values)) {
        if (theirs === null) continue;
        const ours = known.get(value)?.dims;
        const verdict = judge(ours, theirs);
        counts[verdict]++;
        if (verdict === 'other' || (verdict === 'less' && lists)) {
          console.log(
            `${verdict}: ${name} "${value}": ${JSON.stringify(ours ?? null)}, ONNX's ${JSON.stringify(theirs)}`,
          );
        }
      }
    } catch (error) {
      if (!(error instanceof AlphaTensorError)) throw error;
      refused.push(`refused: ${name}: ${error.message}`);
    }
  }
  for (const line of refused) console.log(line);
  const problems = all.filter(({ problem }) => problem !== undefined).length;
  console.log(
    `${all.length - problems} models (${problems} more that onnx refuses): ${counts.same} shapes the same, of ${counts.more} more is ` +
      `known here, of ${counts.less} by ONNX's inference, ${counts.other} contradict each other, ${refused.length} models refused here`,
  );
  if (counts.other + refused.length > 0) process.exitCode = 1;
}

function withoutDeclared(model: Model): Model {
  const outputs = model.graph.outputs.map((output) => ({ ...output, dims: undefined }));
  return { ...model, graph: { ...model.graph, declared: [], outputs } };
}

function judge(ours: readonly (number | undefined)[] | undefined, theirs: readonly (number | null)[]): Verdict {
  if (ours === undefined) return 'less';
  if (ours.length !== theirs.length) return 'other';
  const pairs = theirs.map((size, axis) => [ours[axis], size ?? undefined] as const);
  if (pairs.some(([a, b]) => a !== undefined && b !== undefined && a !== b)) return 'other';
  if (pairs.some(([a, b]) => a === undefined && b !== undefined)) return 'less';
  return pairs.some(([a, b]) => a !== undefined && b === undefined) ? 'more' : 'same';
}
