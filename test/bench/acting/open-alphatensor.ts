import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { AlphaTensorError, modeLengths, multiplicationTensor, Random, type Size } from '@alphatensor-edge/shared';
import { gameRules, type TrainingConfig } from '@alphatensor-edge/trainer/config.js';
import { start } from '@alphatensor-edge/trainer/game/state.js';
import { startBackend } from '@alphatensor-edge/trainer/network/backend.js';
import { Network } from '@alphatensor-edge/trainer/network/model.js';
import { GraphSampler } from '@alphatensor-edge/trainer/network/onnx/graph-sampler.js';
import { loadRuntime, runtimeDescription } from '@alphatensor-edge/trainer/network/onnx/runtime.js';
import { z } from 'zod';
import { repositoryPath } from '../../support/repository.js';
import { refusal } from '../bench.js';
import { type ArmTime, type Effect, mean, pairedEffect } from '../common/figures.js';
import { configFor } from '../common/networks.js';
import type { NetworkName } from '../common/options.js';
import { requireTorch } from '../common/torch.js';
import { playFor } from './timed-games.js';

export const url = import.meta.url;

/** Simulations a move, on both sides. */
const SIMULATIONS = 50;
/** Seconds beyond its turn that one move of theirs may take. */
const PATIENCE = 180;

export interface Row {
  /** Ours reads the weights through it. */
  readonly tfBackend: 'wasm';
  /** The project's `optimization/open_alpha_tensor`. */
  readonly folder: string;
  /** A Python that has torch. */
  readonly python: string;
  readonly size: Size;
  readonly network: NetworkName;
  /** Of ours, side by side; theirs plays one. */
  readonly games: number;
  /** Of one side in one round. */
  readonly seconds: number;
  readonly rounds: number;
}

export interface Result {
  readonly torch: string;
  readonly runtime: string;
  readonly simulations: number;
  readonly samples: number;
  readonly weights: { readonly ours: number; readonly theirs: number };
  readonly simulationsPerSecond: { readonly ours: number; readonly theirs: number };
  /** Ours over theirs, paired by round. */
  readonly effect: Effect;
}

const greeting = z.object({ version: z.string(), weights: z.number() });
const turn = z.object({ simulations: z.number(), seconds: z.number() });

/**
 * Plays games of the target in the canonical basis by tree search in turns: OpenAlphaTensor's own functions on torch, and ours through
 * ONNX Runtime with the value first, on one thread each, with random weights and networks of the same channels, blocks and heads.
 * @throws AlphaTensorError UNAVAILABLE without torch or ONNX Runtime, or if theirs does not answer
 */
export async function work(row: Row): Promise<Result> {
  const { tfBackend, folder, python, size, network: name, games, seconds, rounds } = row;
  await requireTorch(python);
  const preset = configFor(size, name);
  const config = { ...preset, search: { ...preset.search, simulations: SIMULATIONS, valueFirst: true } };
  const rules = gameRules(config);
  const random = new Random(1);
  await startBackend(tfBackend);
  const network = new Network(config.network, rules, random.split('weights'));
  const runtime = loadRuntime();
  const graphs = new GraphSampler(runtime, network.layout, network.parameters.export());
  const openings = Array.from({ length: games }, () => start(rules, multiplicationTensor(size)));
  const theirs = await Theirs.start(python, folder, settingsOf(config, network));
  const play = {
    theirs: async (time: number) => {
      const done = await theirs.play(time);
      return done.simulations / done.seconds;
    },
    ours: async (time: number, round: number) =>
      (await playFor(time, graphs, config, openings, random.split(`turn/${round}`))).rate,
  };
  try {
    // Not timed: compiles the code.
    for (const side of ['theirs', 'ours'] as const) await play[side](Math.min(seconds, 1), 0);
    const rates: ArmTime[] = [];
    for (let round = 1; round <= rounds; round++) {
      const order = round % 2 === 1 ? (['theirs', 'ours'] as const) : (['ours', 'theirs'] as const);
      for (const arm of order) rates.push({ seed: round, arm, time: await play[arm](seconds, round) });
    }
    const meanOf = (side: string): number => mean(rates.filter(({ arm }) => arm === side).map(({ time }) => time));
    return {
      torch: theirs.version,
      runtime: runtimeDescription(runtime),
      simulations: SIMULATIONS,
      samples: config.search.samples,
      weights: { ours: network.parameters.count, theirs: theirs.weights },
      simulationsPerSecond: { ours: meanOf('ours'), theirs: meanOf('theirs') },
      effect: pairedEffect(rates, 'ours', 'theirs'),
    };
  } finally {
    theirs.end();
    await graphs.release();
  }
}

/**
 * Gives the folder and the Python, both of which must be named.
 * @throws AlphaTensorError INVALID_ARGUMENT if the folder has no search of theirs, or no Python is named
 */
export function theirProgram(folder: string, python: string | undefined): Pick<Row, 'folder' | 'python'> {
  if (!existsSync(join(folder, 'open_alpha_tensor', 'core', 'actors', 'stage.py'))) {
    throw refusal(
      `"${folder}" has no open_alpha_tensor/core/actors/stage.py; give --open-alphatensor the folder optimization/open_alpha_tensor of a clone of github.com/nebuly-ai/nebuly.`,
    );
  }
  if (python === undefined) throw refusal('--open-alphatensor needs --torch, a Python that has torch and numpy.');
  return { folder, python };
}

/** The same network and search for theirs, as open_alphatensor.py names them. */
function settingsOf({ size, moveLimit, network, search }: TrainingConfig, { tokens }: Network) {
  const { torso, policy, value, historyLength } = network;
  return {
    size: [size.n, size.m, size.p],
    ...{ modeLength: modeLengths(size)[0], moveLimit, history: historyLength },
    ...{ tokens: tokens.length, vocabulary: tokens.vocabulary, torso, policy, value },
    ...{ samples: search.samples, simulations: search.simulations },
  };
}

/** The process that plays with their functions. */
class Theirs {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  /** What it said last on standard error. */
  #complaint = 'it says nothing';
  #greeting: z.infer<typeof greeting> | undefined;

  private constructor(python: string, folder: string, settings: object) {
    const script = repositoryPath('test/bench/acting/open_alphatensor.py');
    this.#child = spawn(python, [script, folder, JSON.stringify(settings)], { stdio: ['pipe', 'pipe', 'pipe'] });
    this.#lines = createInterface({ input: this.#child.stdout! })[Symbol.asyncIterator]();
    createInterface({ input: this.#child.stderr! }).on('line', (line) => {
      if (line.trim() !== '') this.#complaint = line.trim();
    });
  }

  static async start(python: string, folder: string, settings: object): Promise<Theirs> {
    const theirs = new Theirs(python, folder, settings);
    try {
      theirs.#greeting = greeting.parse(await theirs.#answer(PATIENCE));
    } catch (error) {
      theirs.end();
      throw error;
    }
    return theirs;
  }

  get version(): string {
    return this.#greeting!.version;
  }

  get weights(): number {
    return this.#greeting!.weights;
  }

  async play(seconds: number): Promise<z.infer<typeof turn>> {
    this.#child.stdin!.write(`${seconds}\n`);
    return turn.parse(await this.#answer(seconds + PATIENCE));
  }

  end(): void {
    this.#child.kill('SIGKILL');
  }

  async #answer(seconds: number): Promise<unknown> {
    const line = await Promise.race([this.#lines.next(), sleep(1000 * seconds, undefined, { ref: false })]);
    if (line === undefined) {
      throw new AlphaTensorError(
        'UNAVAILABLE',
        `OpenAlphaTensor made no move in ${seconds} s. Its search goes round for ever when it draws a move of zeros, as it does at small sizes; take --size 3,3,3.`,
      );
    }
    if (line.done !== true) return JSON.parse(line.value);
    if (this.#child.exitCode === null && this.#child.signalCode === null) await once(this.#child, 'close');
    throw new AlphaTensorError('UNAVAILABLE', `OpenAlphaTensor ended: ${this.#complaint}.`);
  }
}
