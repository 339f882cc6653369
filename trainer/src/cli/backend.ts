import { AlphaTensorError } from '@alphatensor-edge/shared';
import { Argument, Command } from 'commander';
import { nativeFolder, readInstallation } from '../network/native/folder.js';
import { installNative, pipRequirement } from '../network/native/install.js';
import { examineActing, runActTrial } from '../training/act-trial.js';
import { BACKENDS, backendLine, examineBackends, REFERENCE, runTrial } from '../training/backend-trials.js';
import { confirm } from './confirm.js';
import { jsonOption } from './options.js';
import { interruptSignal, note, print, printJson, printOutcome } from './output.js';

interface SetupOptions {
  readonly gpu?: boolean;
  readonly tensorflow?: string;
  readonly yes?: boolean;
  readonly json?: boolean;
}

export function backendCommand(): Command {
  const command = new Command('backend')
    .summary('set up native TensorFlow; say which backends of training and playing run here')
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
      // Asking for the folder here would fail, with all other commands, for a user without a home.
      `Installs a current TensorFlow through pip and builds the binding of @tensorflow/tfjs-node for it, in ~/.local/share/alphatensor-edge/native-tensorflow (ALPHATENSOR_DATA_DIR moves it); then checks it with training steps. Needs Linux, a C++ compiler, npm, and python3 with pip.`,
    )
    .option('--gpu', 'for NVIDIA GPUs: TensorFlow with CUDA, about 6 GB')
    .option(
      '--tensorflow <folder>',
      'use the TensorFlow that pip has installed in this folder, the one with libtensorflow_cc.so.2 (default: install one)',
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
    .summary('try every backend with the same training steps, and ONNX Runtime with the same moves')
    .description(
      'Runs the same training steps on every TensorFlow.js backend that is here and compares their losses, draws the same moves through ONNX Runtime, and says which of them auto takes.',
    )
    .addOption(jsonOption())
    .addHelpText('after', '\nExamples:\n  at-trainer backend doctor\n  at-trainer backend doctor --json')
    .action(doctor);

  command
    .command('trial', { hidden: true })
    .summary('run the training steps of doctor on one backend and print their losses')
    .description(
      'Runs the training steps of doctor on one backend and prints their losses. The doctor starts it once per backend.',
    )
    .addArgument(
      new Argument('<name>', 'a backend of --tf-backend, or onnx for moves through ONNX Runtime').choices([
        ...BACKENDS,
        'onnx',
      ]),
    )
    .addOption(jsonOption())
    .action(async (name: (typeof BACKENDS)[number] | 'onnx') =>
      printJson(name === 'onnx' ? await runActTrial() : await runTrial(name)),
    );

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
    tensorflow: options.tensorflow,
    onStep: (text) => note(`${text} …`),
    running: { signal: interruptSignal(), talk: 'stderr' },
  });
  note('checking it with training steps …');
  const name = options.gpu ? 'node-gpu' : 'node';
  const states = await examineBackends([name, REFERENCE]);
  const [state] = states;
  const failure = state.works
    ? undefined
    : new AlphaTensorError('UNAVAILABLE', `It is installed in ${folder} but does not run: ${state.text}.`);
  printOutcome({ folder, device, backend: state }, failure, options.json ? undefined : () => print(backendLine(state)));
}

async function doctor(options: { json?: boolean }): Promise<void> {
  const folder = nativeFolder();
  const installation = readInstallation(folder) ?? null;
  const states = await examineBackends(BACKENDS);
  const auto = states.find(({ works }) => works)?.name ?? null;
  const acting = await examineActing();
  const wrong = states.filter(({ differs }) => differs).map(({ name }) => name);
  const failure =
    wrong.length > 0
      ? new AlphaTensorError(
          'INTERNAL',
          `${wrong.join(', ')} computes other losses than ${REFERENCE}; do not train with it.`,
        )
      : acting.differs
        ? new AlphaTensorError('INTERNAL', 'ONNX Runtime plays otherwise than TensorFlow.js; use --act-backend tfjs.')
        : undefined;
  const document = { auto, folder, installation, backends: states, acting };
  printOutcome(document, failure, options.json ? undefined : asText);

  function asText(): void {
    for (const state of states) print(backendLine(state));
    print(`onnx      ${acting.works || acting.differs ? '' : '-  '}${acting.text}`);
    print(`--tf-backend auto uses ${auto ?? 'none of them'}`);
    print(`--act-backend auto plays through ${acting.works && auto !== 'node-gpu' ? 'onnx' : 'tfjs'}`);
    print(
      installation === null
        ? `native TensorFlow is not set up in ${folder}`
        : `native TensorFlow for the ${installation.device.toUpperCase()} is set up in ${folder}`,
    );
  }
}
