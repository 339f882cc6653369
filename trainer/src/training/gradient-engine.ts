import type { TrainingConfig } from '../config.js';
import type { ActiveActBackend } from '../network/act-backend.js';
import type { Network } from '../network/model.js';
import { loadRuntime } from '../network/onnx/runtime.js';
import type { GradientEngine } from './gradients.js';
import { GraphGradients } from './graph-gradients.js';
import { TensorFlowGradients } from './tensorflow-gradients.js';

/** Makes what computes the gradients of a network. */
export function gradientsOf(
  network: Network,
  config: TrainingConfig['learner'],
  { name }: Pick<ActiveActBackend, 'name'>,
): GradientEngine {
  return name === 'onnx'
    ? new GraphGradients(loadRuntime('--learn-backend'), network, config)
    : new TensorFlowGradients(network, config);
}
