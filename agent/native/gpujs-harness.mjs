// The measuring child for programs of gpu.js. It understands the lines that protocol.h describes.
//
//   gpujs-harness.mjs MODE BASELINE FORMAT M K N SEED MEMORY_BYTES CPU_SECONDS CPU[,CPU…] [SIDE=PROGRAM …]
//   gpujs-harness.mjs MODE --describe
//
// MODE is cpu, webasm or webgpu, FORMAT f32, a PROGRAM a file of tables (agent/src/codegen/gpujs). BASELINE, the side B, is the
// same engine's plain product in one kernel. Every side is one pipeline: its time includes bringing A and B to where it is
// computed and C back. gpu.js falls back to its CPU mode by itself; here that is an error.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

const require = createRequire(import.meta.url);
const { GPU, input } = require('gpu.js');

/** Bounds the exponents of badly scaled matrices, as AT_EXPONENTS in matrices.h. */
const EXPONENTS = 8;

/** Ends the process with a reason: usage, load, compile, memory or system. */
class Refusal extends Error {
  constructor(reason, message) {
    super(message);
    this.reason = reason;
  }
}

/** Turns an error of gpu.js into a refusal. A device has its own limits for buffers and grids. */
function refusalOf({ message }) {
  if (/allocat|per storage buffer/i.test(message)) return new Refusal('memory', `${message}.`);
  return new Refusal('compile', `${message}.`);
}

/** Makes navigator.gpu, and tells what it computes on. */
async function openWebgpu() {
  const { create, globals } = require('webgpu');
  Object.assign(globalThis, globals);
  Object.defineProperty(globalThis, 'navigator', { value: { gpu: create([]) }, configurable: true });
  const adapter = await navigator.gpu.requestAdapter();
  if (!adapter) throw new Refusal('system', 'WebGPU finds no adapter: no Vulkan driver works here.');
  const { vendor, architecture, description, device, isFallbackAdapter } = adapter.info;
  const isSoftware =
    isFallbackAdapter || architecture === 'software' || /llvmpipe|swiftshader|lavapipe/i.test(description);
  return `${description || device || vendor}${isSoftware ? ' (software)' : ''}`;
}

async function describe(mode) {
  return {
    version: require('gpu.js/package.json').version,
    mode,
    node: process.version,
    accelerator: mode === 'webgpu' ? await openWebgpu() : '',
  };
}

/** Makes random numbers by splitmix64's finalizer on a counter (Steele, Lea & Flood 2014), cut to 32 bits of state. */
function randomNumbers(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let z = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
    return ((z ^ (z >>> 16)) >>> 0) / 2 ** 32;
  };
}

/** Computes C[y][x] = sum over i of A[y][i] B[i][x], by the same loop as the products of the candidate. */
function plainProduct(a, b) {
  let sum = 0;
  for (let i = 0; i < this.constants.depth; i++) sum += a[this.thread.y][i] * b[i][this.thread.x];
  return sum;
}

/** Adds up the blocks that the table names for product z. Beyond the edge of the matrix there are zeros. */
function combineBlocks(matrix, top, left, coefficient) {
  let sum = 0;
  for (let t = 0; t < this.constants.terms; t++) {
    const y = top[this.thread.z][t] + this.thread.y;
    const x = left[this.thread.z][t] + this.thread.x;
    if (y < this.constants.height && x < this.constants.width) sum += coefficient[this.thread.z][t] * matrix[y][x];
  }
  return sum;
}

function blockProducts(a, b) {
  let sum = 0;
  for (let i = 0; i < this.constants.depth; i++) {
    sum += a[this.thread.z][this.thread.y][i] * b[this.thread.z][i][this.thread.x];
  }
  return sum;
}

function combineProducts(products, source, coefficient) {
  // Half an element inside, so that an inexact division cannot land in the previous block.
  const i = Math.floor((this.thread.y + 0.5) / this.constants.rows);
  const j = Math.floor((this.thread.x + 0.5) / this.constants.columns);
  const y = this.thread.y - i * this.constants.rows;
  const x = this.thread.x - j * this.constants.columns;
  const block = i * this.constants.p + j;
  let sum = 0;
  for (let t = 0; t < this.constants.terms; t++) sum += coefficient[block][t] * products[source[block][t]][y][x];
  return sum;
}

/** Makes a table with a value for every term of every row. Short rows are filled up with zeros. */
function table(rows, terms, numberOf) {
  const values = new Float32Array(rows.length * terms);
  for (const [r, row] of rows.entries()) values.set(row.map(numberOf), r * terms);
  return input(values, [terms, rows.length]);
}

function termsOf(rows) {
  return Math.max(1, ...rows.map((row) => row.length));
}

class Child {
  constructor(mode, { m, k, n, seed, threads }) {
    Object.assign(this, { mode, m, k, n, threads, random: randomNumbers(seed), sides: new Map() });
    this.gpu = new GPU({ mode });
    this.a = new Float32Array(m * k);
    this.b = new Float32Array(k * n);
    this.fill(() => 2 * this.random() - 1);
  }

  fill(draw) {
    for (const matrix of [this.a, this.b]) for (let i = 0; i < matrix.length; i++) matrix[i] = draw();
  }

  /** Fills A and B as at_fill_scaled in matrices.h does. */
  fillScaled() {
    const { m, k, n } = this;
    const [rows, inner, columns] = [m, k, n].map((length) =>
      Array.from({ length }, () => 2 ** (Math.floor(this.random() * (2 * EXPONENTS + 1)) - EXPONENTS)),
    );
    this.fill(() => 2 * this.random() - 1);
    for (let i = 0; i < m; i++) for (let l = 0; l < k; l++) this.a[i * k + l] *= rows[i] * inner[l];
    for (let l = 0; l < k; l++) for (let j = 0; j < n; j++) this.b[l * n + j] *= columns[j] / inner[l];
  }

  fillIntegers(range) {
    this.fill(() => Math.floor(this.random() * (2 * range + 1)) - range);
  }

  kernel(body, output, constants) {
    return this.gpu.createKernel(body, { output, constants, precision: 'single' });
  }

  pipeline(body) {
    return this.gpu.createPipeline(body, { threads: this.threads > 1 });
  }

  addBaseline() {
    const multiply = this.kernel(plainProduct, [this.n, this.m], { depth: this.k });
    return this.add(
      'B',
      this.pipeline((a, b) => multiply(a, b)),
    );
  }

  addProgram(side, { n, m, p, rank, a, b, c }) {
    const [rows, depth, columns] = [Math.ceil(this.m / n), Math.ceil(this.k / m), Math.ceil(this.n / p)];
    const combined = (sums, gridColumns, [blockRows, blockColumns], [height, width]) => {
      const terms = termsOf(sums);
      const kernel = this.kernel(combineBlocks, [blockColumns, blockRows, rank], { terms, height, width });
      const top = table(sums, terms, ([block]) => Math.floor(block / gridColumns) * blockRows);
      const left = table(sums, terms, ([block]) => (block % gridColumns) * blockColumns);
      const coefficients = table(sums, terms, ([, coefficient]) => coefficient);
      return (matrix) => kernel(matrix, top, left, coefficients);
    };
    const left = combined(a, m, [rows, depth], [this.m, this.k]);
    const right = combined(b, p, [depth, columns], [this.k, this.n]);
    const multiply = this.kernel(blockProducts, [columns, rows, rank], { depth });
    const terms = termsOf(c);
    const merge = this.kernel(combineProducts, [this.n, this.m], { terms, rows, columns, p });
    const sources = table(c, terms, ([product]) => product);
    const coefficients = table(c, terms, ([, coefficient]) => coefficient);
    return this.add(
      side,
      this.pipeline((x, y) => merge(multiply(left(x), right(y)), sources, coefficients)),
    );
  }

  /** Compiles a pipeline by its first call, and makes sure that it runs where it should. */
  async add(side, pipeline) {
    this.sides.set(side, pipeline);
    await this.multiply(side).catch((error) => {
      throw refusalOf(error);
    });
    const { backend, fallbackReason } = pipeline;
    // Only the other two modes have a fused executor to fall back from.
    if (backend === this.mode && (this.mode === 'cpu' || fallbackReason === null)) return;
    throw new Refusal('compile', `gpu.js ran on its ${backend} backend instead of ${this.mode}: ${fallbackReason}`);
  }

  async multiply(side) {
    const pipeline = this.sides.get(side);
    if (pipeline === undefined) throw new Refusal('usage', `There is no side ${side}.`);
    this.c = undefined;
    this.c = await pipeline(input(this.a, [this.k, this.m]), input(this.b, [this.n, this.k]));
  }

  async times(side, isDone) {
    const [cpu, start] = [process.cpuUsage(), performance.now()];
    const elapsed = () => (performance.now() - start) / 1000;
    let runs = 0;
    while (!isDone(runs, elapsed())) {
      await this.multiply(side);
      runs++;
    }
    const seconds = elapsed() / runs;
    const { user, system } = process.cpuUsage(cpu);
    return { runs, seconds, cpuSeconds: (user + system) / 1e6 / runs };
  }

  product() {
    const result = new Float32Array(this.m * this.n);
    this.c.forEach((row, i) => {
      result.set(row, i * this.n);
    });
    return result;
  }

  compare() {
    const c = this.product();
    const wrong = [];
    let [difference, norm] = [0, 0];
    c.forEach((value, i) => {
      if (value !== this.kept[i]) wrong.push(i);
      difference += (value - this.kept[i]) ** 2;
      norm += this.kept[i] ** 2;
    });
    const first = wrong[0] ?? 0;
    const [value, expected] = wrong.length > 0 ? [finite(c[first]), finite(this.kept[first])] : [0, 0];
    const [row, column] = [Math.floor(first / this.n), first % this.n];
    return { different: wrong.length, row, column, value, expected, relativeError: ratio(difference, norm) };
  }

  /** Computes the errors as at_errors_of_c in matrices.h does, in float64. */
  errors() {
    const { m, k, n, a, b } = this;
    const c = this.product();
    const count = Math.min(m, Math.max(8, Math.floor(2 ** 26 / (k * n))));
    let [difference, norm, largest] = [0, 0, 0];
    for (let q = 0; q < count; q++) {
      const row = Math.floor((m * q) / count);
      const [exact, magnitudes] = [new Float64Array(n), new Float64Array(n)];
      for (let i = 0; i < k; i++) {
        for (let j = 0; j < n; j++) {
          const product = a[row * k + i] * b[i * n + j];
          exact[j] += product;
          magnitudes[j] += Math.abs(product);
        }
      }
      exact.forEach((value, j) => {
        const error = Math.abs(c[row * n + j] - value);
        difference += error ** 2;
        norm += value ** 2;
        // Math.max keeps a NaN, where a comparison would lose it.
        if (error !== 0) largest = Math.max(largest, error / magnitudes[j]);
      });
    }
    return { relativeError: ratio(difference, norm), componentwiseError: finite(largest), rows: count };
  }

  async obey(line) {
    const [word, first, second, third] = line.split(' ');
    switch (word) {
      case 'integers':
        return this.fillIntegers(Number(first));
      case 'uniform':
        return this.fill(() => 2 * this.random() - 1);
      case 'positive':
        return this.fill(() => this.random());
      case 'scaled':
        return this.fillScaled();
      case 'run':
        return this.times(first, (runs) => runs === 1);
      case 'keep':
        this.kept = this.product();
        return;
      case 'compare':
        return this.compare();
      case 'error':
        return this.errors();
      case 'show':
        return Array.from({ A: this.a, B: this.b }[first] ?? this.product(), finite);
      case 'warmup':
        return this.times(first, (runs, seconds) => runs >= Number(second) && seconds >= Number(third));
      case 'sample':
        return this.times(first, (runs) => runs === Number(second));
      case 'phases':
        return { total: 0, pack: 0, multiply: 0, combine: 0 };
      case 'bind':
        return { bound: 0 };
      case 'peak':
        return { gflops: 0 };
      default:
        throw new Refusal('usage', `There is no command ${word}.`);
    }
  }
}

/** Replaces infinity, which JSON does not have. */
function finite(value) {
  return Math.abs(value) < 1e300 ? value : 1e300;
}

function ratio(difference, norm) {
  return difference === 0 ? 0 : finite(Math.sqrt(difference / norm));
}

async function main(reply) {
  const [mode, first, ...rest] = process.argv.slice(2);
  const about = await describe(mode);
  if (first === '--describe') {
    reply(about);
    return;
  }
  const [, m, k, n, seed] = rest.slice(0, 5).map(Number);
  const child = new Child(mode, { m, k, n, seed, threads: rest[7].split(',').length });
  const start = performance.now();
  await child.addBaseline();
  for (const side of rest.slice(8)) {
    const tables = JSON.parse(readFileSync(side.slice(2), 'utf8'));
    await child.addProgram(side[0], tables);
  }
  reply({
    name: 'gpu.js product',
    version: about.version,
    configuration: `${mode}, ${child.sides.get('B').executorKind}`,
    workspaceBytes: 0,
    hugePageKilobytes: -1,
    accelerator: about.accelerator,
    compileSeconds: (performance.now() - start) / 1000,
  });
  for await (const line of createInterface({ input: process.stdin })) reply((await child.obey(line)) ?? {});
}

// What a library prints must not mix with the answers.
const reply = (answer) => process.stdout.write(`${JSON.stringify(answer)}\n`);
console.log = console.info = console.warn = console.error;
try {
  await main(reply);
  process.exit(0);
} catch (error) {
  if (!(error instanceof Refusal)) throw error;
  reply({ refused: error.reason, message: error.message });
  process.exit(3);
}
