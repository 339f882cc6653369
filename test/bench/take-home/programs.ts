import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { repositoryPath } from '../../support/repository.js';
import { pythonOf } from '../common/venv.js';

/** One thing that an unchanged program computes. */
export interface Row {
  readonly program: string;
  readonly what: string;
  readonly command: readonly string[];
  /** It makes products that are too small for any algorithm, so that what is seen is the cost of looking at them. */
  readonly isSmall: boolean;
}

/** A program of others, and the rows that it has. */
export interface Program {
  readonly name: string;
  /** What pip installs for it; none: it is of the system. */
  readonly packages: readonly string[];
  /** Options of pip for these. */
  readonly pipOptions: readonly string[];
  /** Why it is not there; undefined: it is. */
  readonly isMissing: () => string | undefined;
  readonly rows: readonly Row[];
}

/** The products of language models, which `bench gemm --shapes llm` times too, and a square one. */
const SHAPES = ['2048x4096x11008', '2048x4096x4096', '512x4096x4096', '2048x2048x2048'] as const;
export const SMALL_PRODUCTS = 10_000;
const SMALL_SIZE = 64;

/** The PyTorch whose wheel for processors alone is asked for; that for GPUs is gigabytes, and needs more. */
const TORCH = [
  ...[
    'torch==2.13.*',
    'typing_extensions',
    'sympy',
    'mpmath',
    'networkx',
    'jinja2',
    'markupsafe',
    'filelock',
    'fsspec',
  ],
];

const script = (name: string): string => repositoryPath(`test/bench/take-home/programs/${name}`);

/** Lists the programs. @param venv the virtual environment of those in Python */
export function programsOf(venv: string): Program[] {
  const python = pythonOf(venv);
  const row = (program: string, what: string, command: readonly string[], isSmall = false): Row => ({
    ...{ program, what, command, isSmall },
  });
  const system = (command: string, apt: string) => (): string | undefined =>
    isInPath(command) ? undefined : `${command} is not there; install it with "apt-get install ${apt}"`;
  const common = { packages: [], pipOptions: [], isMissing: () => undefined };
  const products = SHAPES.flatMap((shape) =>
    (['nn', 'nt'] as const).map((kind) =>
      row('NumPy', `a @ b${kind === 'nt' ? '.T' : ''}, ${shape} f32`, [
        python,
        script('product.py'),
        kind,
        shape,
        'f32',
      ]),
    ),
  );
  const small = [String(SMALL_PRODUCTS), String(SMALL_SIZE)];
  return [
    {
      ...common,
      name: 'numpy',
      packages: ['numpy', 'threadpoolctl'],
      rows: [
        ...products,
        row('NumPy', 'a @ b, 2048x2048x2048 f64', [python, script('product.py'), 'nn', '2048x2048x2048', 'f64']),
        row(
          'NumPy',
          `${SMALL_PRODUCTS} times a @ b, ${SMALL_SIZE} f32`,
          [python, script('product.py'), 'small', ...small],
          true,
        ),
      ],
    },
    {
      ...common,
      name: 'torch',
      packages: ['numpy', ...TORCH],
      pipOptions: ['--no-deps'],
      rows: [
        row('PyTorch', 'MLP block, forward', [python, script('mlp.py'), 'forward']),
        row('PyTorch', 'MLP block, forward and backward', [python, script('mlp.py'), 'training']),
        row('PyTorch', 'a @ b, 2048 f32', [python, script('mlp.py'), 'product']),
      ],
    },
    {
      ...common,
      name: 'scikit-learn',
      packages: ['scikit-learn', 'threadpoolctl'],
      rows: [row('scikit-learn', 'kernel ridge, predict', [python, script('ridge.py')])],
    },
    {
      ...common,
      name: 'octave',
      isMissing: system('octave-cli', 'octave libopenblas0'),
      rows: [
        row('Octave', 'a * b, 2048 f32', [...OCTAVE, script('product.m'), 'nn', '2048']),
        row('Octave', "a' * b, 2048 f32", [...OCTAVE, script('product.m'), 'tn', '2048']),
      ],
    },
    {
      ...common,
      name: 'r',
      isMissing: system('Rscript', 'r-base-core libopenblas0'),
      rows: [
        row('R', 'a %*% b, 2048 f64', [...R, script('product.R'), 'nn', '2048']),
        row('R', 'crossprod(a, b), 2048 f64', [...R, script('product.R'), 'tn', '2048']),
      ],
    },
    {
      ...common,
      name: 'llama.cpp',
      isMissing: () => "Debian has none; PyPI's pywhispercpp comes without a BLAS, and llama-cpp-python only as source",
      rows: [row('llama.cpp, whisper.cpp', 'a prompt', [])],
    },
  ];
}

const OCTAVE = ['octave-cli', '--quiet', '--no-init-file', '--no-history', '--no-line-editing'] as const;
const R = ['Rscript', '--vanilla'] as const;

function isInPath(command: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, command)));
}
