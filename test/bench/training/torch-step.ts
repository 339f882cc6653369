import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { promisify } from 'node:util';
import { AlphaTensorError, modeLengths, Random, type Size } from '@alphatensor-edge/shared';
import { gameRules, type TrainingConfig } from '@alphatensor-edge/trainer/config.js';
import { makeObservationBatch, observe } from '@alphatensor-edge/trainer/game/observation.js';
import { chooseActBackend } from '@alphatensor-edge/trainer/network/act-backend.js';
import { startBackend } from '@alphatensor-edge/trainer/network/backend.js';
import { Network } from '@alphatensor-edge/trainer/network/model.js';
import type { StoredWeight } from '@alphatensor-edge/trainer/network/parameters.js';
import { contextsOf, spellActions } from '@alphatensor-edge/trainer/network/targets.js';
import { encodeSafetensors } from '@alphatensor-edge/trainer/run/safetensors.js';
import { gradientsOf } from '@alphatensor-edge/trainer/training/gradient-engine.js';
import type { LearningBatch } from '@alphatensor-edge/trainer/training/gradients.js';
import { learn } from '@alphatensor-edge/trainer/training/learner.js';
import { AdamW } from '@alphatensor-edge/trainer/training/optimizer.js';
import { ReplayBuffer } from '@alphatensor-edge/trainer/training/replay-buffer.js';
import { z } from 'zod';
import { repositoryPath } from '../../support/repository.js';
import { configFor, describeNetwork } from '../common/networks.js';
import type { NetworkName } from '../common/options.js';
import { requireTorch } from '../common/torch.js';

export const url = import.meta.url;

/** The largest difference of the two losses of one batch, in relation to them: the networks are the same. */
const TOLERANCE = 1e-3;

export interface Row {
  /** Ours reads the weights through it. */
  readonly tfBackend: 'wasm';
  /** A Python that has torch. */
  readonly python: string;
  readonly size: Size;
  readonly network: NetworkName;
  /** Samples a step. */
  readonly batch: number;
  readonly seconds: number;
}

export interface Result {
  readonly networkSize: string;
  readonly torch: string;
  readonly weights: number;
  /** Of the steps of either on one fixed batch, without making games. */
  readonly torchStepsPerSecond: number;
  readonly stepsPerSecond: number;
  /** The largest relative difference of the losses. */
  readonly lossDifference: number;
}

const answer = z.object({
  version: z.string(),
  weights: z.number(),
  policyLoss: z.number(),
  valueLoss: z.number(),
  stepsPerSecond: z.number(),
});

/**
 * Times steps of one network on one batch, in torch and through ONNX Runtime, one after the other, on one thread each.
 * @throws AlphaTensorError UNAVAILABLE if that Python has no torch, or if ONNX Runtime does not run; INTERNAL if the losses differ
 */
export async function work({
  tfBackend: backend,
  python,
  size,
  network: name,
  batch: count,
  seconds,
}: Row): Promise<Result> {
  const config = configFor(size, name);
  const random = new Random(1);
  const engine = chooseActBackend('onnx', await startBackend(backend), '--learn-backend');
  const network = new Network(config.network, gameRules(config), random.split('weights'));
  const weights = network.parameters.export().map((weight) => ({ ...weight, values: weight.values.slice() }));
  const gradients = gradientsOf(network, config.learner, engine);
  const optimizer = new AdamW(config.learner, network.parameters);

  const batch = await oneBatch(network, config, count, random);
  const step = async () => {
    const computed = await gradients.compute(batch);
    optimizer.apply(computed.gradient);
    return computed;
  };
  const ours = await step();
  const theirs = await inTorch(python, [...weights, ...batchTensors(network, batch)], config, seconds);
  const lossDifference = Math.max(
    relative(ours.policyLoss, theirs.policyLoss),
    relative(ours.valueLoss, theirs.valueLoss),
  );
  if (!(lossDifference <= TOLERANCE && theirs.weights === network.parameters.count)) {
    const losses = `${ours.policyLoss} and ${ours.valueLoss} here, ${theirs.policyLoss} and ${theirs.valueLoss} in torch`;
    throw new AlphaTensorError('INTERNAL', `The networks are not the same: policy and value loss are ${losses}.`);
  }
  let steps = 0;
  const began = performance.now();
  while (steps === 0 || performance.now() - began < 1000 * seconds) {
    await step();
    steps++;
  }
  return {
    networkSize: describeNetwork(config.network),
    torch: theirs.version,
    weights: theirs.weights,
    torchStepsPerSecond: theirs.stepsPerSecond,
    stepsPerSecond: (1000 * steps) / (performance.now() - began),
    lossDifference,
  };
}

/** Catches the batch that a learner step would learn from. */
async function oneBatch(
  network: Network,
  config: TrainingConfig,
  count: number,
  random: Random,
): Promise<LearningBatch> {
  const replay = new ReplayBuffer(gameRules(config), config);
  const examples = Array.from({ length: count }, () => replay.sample(random));
  let caught: LearningBatch | undefined;
  const gradients = {
    compute: async (batch: LearningBatch) => {
      caught = batch;
      return { policyLoss: 0, valueLoss: 0, gradient: new Float32Array(0) };
    },
    close: async () => undefined,
  };
  await learn({ gradients, optimizer: { apply: () => 0 }, coordinates: network }, examples, config.learner, random);
  return caught as LearningBatch;
}

/** The batch as the network reads it, as torch_step.py names it. */
function batchTensors({ layout }: Network, { positions, actions, weights, returns }: LearningBatch): StoredWeight[] {
  const count = positions.length;
  const { rankFeatures, historyLength, size } = layout.observations;
  const { length, vocabulary } = layout.tokens;
  const observed = makeObservationBatch(layout.observations, count);
  observe(positions, layout.observations, observed);
  const { tokens, previous, masks } = spellActions(layout, actions);
  const { table } = layout.masks;
  const maskValues = Float32Array.from({ length: masks.length * vocabulary }, (_, index) => {
    const [token, entry] = [Math.floor(index / vocabulary), index % vocabulary];
    return table[masks[token] * vocabulary + entry];
  });
  const tensor = (name: string, values: ArrayLike<number>, ...shape: number[]): StoredWeight => ({
    name: `batch/${name}`,
    shape,
    values: Float32Array.from(values),
  });
  return [
    tensor('tensors', observed.tensors, count, 1 + historyLength, ...modeLengths(size)),
    ...(rankFeatures > 0 ? [tensor('ranks', observed.ranks, count, rankFeatures)] : []),
    tensor('scalars', observed.scalars, count, 1),
    tensor('contexts', contextsOf(layout, positions, actions, 0, length), actions.length, length, layout.contextLength),
    tensor('previous', previous, actions.length, length),
    tensor('tokens', tokens, actions.length, length),
    tensor('masks', maskValues, actions.length, length, vocabulary),
    tensor('weights', weights, actions.length),
    tensor('returns', returns, count),
  ];
}

async function inTorch(
  python: string,
  tensors: readonly StoredWeight[],
  { network, learner }: TrainingConfig,
  seconds: number,
): Promise<z.infer<typeof answer>> {
  const folder = mkdtempSync(join(tmpdir(), 'torch-step-'));
  const file = join(folder, 'step.safetensors');
  try {
    writeFileSync(file, encodeSafetensors(tensors, 'F32'));
    writeFileSync(`${file}.json`, JSON.stringify({ ...network, ...learner }));
    const script = repositoryPath('test/bench/training/torch_step.py');
    await requireTorch(python);
    const { stdout } = await promisify(execFile)(python, [script, file, String(seconds)]);
    return answer.parse(JSON.parse(stdout));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function relative(x: number, y: number): number {
  return Math.abs(x - y) / Math.max(Math.abs(x), Math.abs(y));
}
