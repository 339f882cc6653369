import { AlphaTensorError } from '@alphatensor-edge/shared';
import { Argument, Command } from 'commander';
import { TF_BACKENDS } from '../config.js';
import type { TfBackend } from '../network/backend.js';
import { nativeFolder, readInstallation } from '../network/native/folder.js';
import { installNative, pipRequirement } from '../network/native/install.js';
import { type BackendTrial, lossDifference, runTrial, tryBackend } from './backend-trial.js';
import { confirm } from './confirm.js';
import { jsonOption } from './options.js';
import { interruptSignal, note, print, printOutcome } from './output.js';

/** The backend that the others' losses are compared with: it is there everywhere. */
const REFERENCE = 'wasm';
/** Losses of the same steps may differ by this much between backends; they round differently. */
const TOLERANCE = 1e-3;
const BACKENDS = TF_BACKENDS.filter((name) => name !== 'auto');

interface SetupOptions {
  readonly gpu?: boolean;
  readonly tensorflow?: string;
  readonly yes?: boolean;
  readonly json?: boolean;
}

export function backendCommand(): Command {
  const command = new Command('backend')
    .summary('set up native TensorFlow; say which TensorFlow.js backends run here')
    .description(
      'The trainer computes with TensorFlow.js: in WebAssembly everywhere, several times as fast with native TensorFlow.',
    )
    .addHelpText(
      'after',
      `
Examples:
  at-trainer backend setup --yes
  at-trainer backend setup --gpu
  at-trainer backend doctor`,
    );

  command
    .command('setup')
    .summary('install native TensorFlow for --tf-backend node, node-gpu and auto')
    .description(
      `Installs a current TensorFlow through pip and builds the binding of @tensorflow/tfjs-node for it, in ${nativeFolder()} (ALPHATENSOR_DATA_DIR moves it); then checks it with training steps. Needs Linux, a C++ compiler, npm, and python3 with pip.`,
    )
    .option('--gpu', 'for NVIDIA GPUs: TensorFlow with CUDA, about 6 GB')
    .option(
      '--tensorflow <folder>',
      'use the TensorFlow that pip has installed in this folder, the one with libtensorflow_cc.so.2',
    )
    .option('--yes', 'install without asking')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Examples:
  at-trainer backend setup
  at-trainer backend setup --gpu --yes
  at-trainer backend setup --tensorflow ~/venv/lib/python3.12/site-packages/tensorflow`,
    )
    .action(setup);

  command
    .command('doctor')
    .summary('try every backend with the same training steps')
    .addOption(jsonOption())
    .addHelpText('after', '\nExamples:\n  at-trainer backend doctor\n  at-trainer backend doctor --json')
    .action(doctor);

  command
    .command('trial', { hidden: true })
    .description('Runs the training steps of doctor on one backend and prints their losses.')
    .addArgument(new Argument('<name>').choices(BACKENDS))
    .addOption(jsonOption())
    .action(runTrial);

  return command;
}

async function setup(options: SetupOptions): Promise<void> {
  const device = options.gpu ? 'gpu' : 'cpu';
  const folder = nativeFolder();
  const what = options.tensorflow ?? `${pipRequirement(device)} from pip (${options.gpu ? '6' : '1.3'} GB)`;
  if (!options.yes && !(await confirm(`Set up native TensorFlow in ${folder}, with ${what}? [y/N] `))) {
    throw new AlphaTensorError('CANCELLED', 'Nothing was installed; --yes sets it up without asking.');
  }
  await installNative(folder, {
    device,
    ...(options.tensorflow === undefined ? {} : { tensorflow: options.tensorflow }),
    onStep: (text) => note(`${text} …`),
    running: { signal: interruptSignal(), talk: 'stderr' },
  });
  note('checking it with training steps …');
  const name = options.gpu ? 'node-gpu' : 'node';
  const states = await examine([name, REFERENCE]);
  const [state] = states;
  const failure = state.works
    ? undefined
    : new AlphaTensorError('UNAVAILABLE', `It is installed in ${folder} but does not run: ${state.text}.`);
  printOutcome({ folder, device, backend: state }, failure, options.json ? undefined : () => print(lineOf(state)));
}

async function doctor(options: { json?: boolean }): Promise<void> {
  const folder = nativeFolder();
  const installation = readInstallation(folder) ?? null;
  const states = await examine(BACKENDS);
  const auto = states.find(({ works }) => works)?.name ?? null;
  const wrong = states.filter(({ differs }) => differs).map(({ name }) => name);
  const failure =
    wrong.length === 0
      ? undefined
      : new AlphaTensorError(
          'INTERNAL',
          `${wrong.join(', ')} computes other losses than ${REFERENCE}; do not train with it.`,
        );
  printOutcome({ auto, folder, installation, backends: states }, failure, options.json ? undefined : asText);

  function asText(): void {
    for (const state of states) print(lineOf(state));
    print(`--tf-backend auto uses ${auto ?? 'none of them'}`);
    print(
      installation === null
        ? `native TensorFlow is not set up in ${folder}`
        : `native TensorFlow for the ${installation.device.toUpperCase()} is set up in ${folder}`,
    );
  }
}

interface BackendState {
  readonly name: TfBackend;
  readonly works: boolean;
  /** It runs, and computes something else than the reference. */
  readonly differs: boolean;
  /** What runs, or why it does not. */
  readonly text: string;
  readonly secondsPerStep?: number;
  /** Time of a step of the reference over its own. */
  readonly timesAsFast?: number;
  /** The largest difference of a loss from the reference's. */
  readonly lossDifference?: number;
}

/** One after the other, so that they do not slow each other down. */
async function examine(names: readonly TfBackend[]): Promise<BackendState[]> {
  const trials: [TfBackend, BackendTrial][] = [];
  for (const name of names) trials.push([name, await tryBackend(name)]);
  const reference = trials.find(([name]) => name === REFERENCE)?.[1];
  return trials.map(([name, trial]) => stateOf(name, trial, reference));
}

function stateOf(name: TfBackend, trial: BackendTrial, reference: BackendTrial | undefined): BackendState {
  if ('reason' in trial) return { name, works: false, differs: false, text: trial.reason };
  const { description, secondsPerStep } = trial;
  const state = { name, text: description, secondsPerStep };
  if (reference === undefined || 'reason' in reference) return { ...state, works: true, differs: false };
  const difference = lossDifference(trial.losses, reference.losses);
  const differs = !(difference <= TOLERANCE);
  const timesAsFast = reference.secondsPerStep / secondsPerStep;
  return { ...state, works: !differs, differs, timesAsFast, lossDifference: difference };
}

function lineOf({ name, text, secondsPerStep, timesAsFast, lossDifference: difference }: BackendState): string {
  if (secondsPerStep === undefined) return `${name.padEnd(8)}  -  ${text}`;
  const compared =
    timesAsFast === undefined || difference === undefined || name === REFERENCE
      ? ''
      : `, ${timesAsFast.toFixed(1)} times as fast as ${REFERENCE}, losses within ${difference.toExponential(0)}`;
  return `${name.padEnd(8)}  ${text}: ${(1000 * secondsPerStep).toFixed(1)} ms a training step${compared}`;
}
