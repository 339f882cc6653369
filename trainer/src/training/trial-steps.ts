import { performance } from 'node:perf_hooks';
import { Random } from '@alphatensor-edge/shared';
import { gameRules } from '../config.js';
import { Network } from '../network/model.js';
import { presetForSize } from '../presets.js';
import { learn } from './learner.js';
import { AdamW } from './optimizer.js';
import { ReplayBuffer } from './replay-buffer.js';
import { TensorFlowGradients } from './tensorflow-gradients.js';

/** Holds the result of a few training steps. Up to rounding, the losses are the same on every backend. */
interface TrialSteps {
  /** The policy loss and the value loss of each step, one after the other. */
  readonly losses: readonly number[];
  /** Seconds of the fastest step. */
  readonly secondsPerStep: number;
}

const STEPS = 4;
const BATCH = 8;

/** Learns for a few steps on synthetic games of <2,2,2> with the network of the preset `tiny`, from the same seed each time. */
export async function trialSteps(): Promise<TrialSteps> {
  const config = presetForSize('tiny', { n: 2, m: 2, p: 2 });
  const random = new Random('trial');
  const network = new Network(config.network, gameRules(config), random.split('weights'));
  const learner = {
    gradients: new TensorFlowGradients(network, config.learner),
    optimizer: new AdamW(config.learner, network.parameters),
    coordinates: network,
  };
  const replay = new ReplayBuffer(gameRules(config), config);
  const losses: number[] = [];
  let secondsPerStep = Number.POSITIVE_INFINITY;
  for (let step = 0; step < STEPS; step++) {
    const examples = Array.from({ length: BATCH }, () => replay.sample(random));
    const began = performance.now();
    const { policyLoss, valueLoss } = await learn(learner, examples, config.learner, random);
    secondsPerStep = Math.min(secondsPerStep, (performance.now() - began) / 1000);
    losses.push(policyLoss, valueLoss);
  }
  network.dispose();
  return { losses, secondsPerStep };
}
