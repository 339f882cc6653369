// What the catalogue is made from, for each size.

/** Holds where a published scheme is from. */
export interface Publication {
  /** The article and the files, for SOURCES.md. */
  readonly source: string;
  readonly licence: string;
}

const PUBLICATIONS = {
  alphaevolve: {
    source:
      'A. Novikov et al., "AlphaEvolve: A coding agent for scientific and algorithmic discovery", arXiv 2506.13131; github.com/google-deepmind/alphaevolve_results',
    licence: 'CC-BY-4.0',
  },
  alphatensor: {
    source:
      'A. Fawzi et al., "Discovering faster matrix multiplication algorithms with reinforcement learning", Nature 610 (2022); github.com/google-deepmind/alphatensor',
    licence: 'CC-BY-4.0',
  },
  fmm: {
    source: 'A. Perminov, arXiv 2511.20317 and 2512.13365; github.com/dronperminov/FastMatrixMultiplication',
    licence: 'MIT',
  },
  plinopt: {
    source: 'J.-G. Dumas, C. Pernet, A. Sedoglavic, arXiv 2506.13242; github.com/jgdumas/plinopt',
    licence: 'CECILL-B',
  },
  winograd: {
    source: 'S. Winograd, "On multiplication of 2 x 2 matrices", Linear Algebra and its Applications 4 (1971)',
    licence: 'none: a formula of the literature, written down here',
  },
  strassen: {
    source: 'V. Strassen, "Gaussian elimination is not optimal", Numerische Mathematik 13 (1969)',
    licence: 'none: a formula of the literature, written down here',
  },
} as const satisfies Record<string, Publication>;

/** Holds a published scheme to begin with. */
export interface Published {
  /** A known name; or a path in `from`, with `#n,m,p` where the file holds several. */
  readonly spec: string;
  /** Where the file lies: beside this repository, or in the folder of clones that `--clones` names. Undefined for a known name. */
  readonly from?: 'data' | 'clones' | undefined;
  /** Its name in notes, without where it lies here. */
  readonly name: string;
  readonly publication: Publication;
}

/** Holds how one size is searched. */
export interface Recipe {
  /** As options take it, in rising order. */
  readonly size: string;
  /** Runs of `at-trainer explore`: all options but size and folder. */
  readonly explore: readonly (readonly string[])[];
  readonly published: readonly Published[];
}

/** Names a scheme of the literature that every command knows. */
function known(name: 'strassen' | 'winograd'): Published {
  return { spec: name, name, publication: PUBLICATIONS[name] };
}

function alphaTensor(size: string): Published {
  const name = `factorizations_r.npz#${size}`;
  return { spec: `deepmind-alphatensor/${name}`, from: 'data', name, publication: PUBLICATIONS.alphatensor };
}

function fmm(name: string): Published {
  return { spec: `fast-matrix-multiplication/${name}`, from: 'data', name, publication: PUBLICATIONS.fmm };
}

/** A file of the clone itself. */
function fmmClone(path: string): Published {
  const spec = `FastMatrixMultiplication/schemes/results/${path}`;
  return { spec, from: 'clones', name: path.split('/').at(-1) as string, publication: PUBLICATIONS.fmm };
}

/** A scheme of the clone's notebook. */
function alphaEvolve(size: string): Published {
  const name = `mathematical_results.ipynb#${size}`;
  return { spec: `alphaevolve_results/${name}`, from: 'clones', name, publication: PUBLICATIONS.alphaevolve };
}

function plinopt(name: string): Published {
  return { spec: `accurate/${name}`, from: 'data', name, publication: PUBLICATIONS.plinopt };
}

/** Explores modulo 2 with one thread, so that a seed repeats the walk, and lifts what it finds. */
function modulo2(untilRank: number, budget: string, seeds: readonly number[] = [1]): string[][] {
  return seeds.map((seed) => [
    ...['--arithmetic', 'modulo-2', '--from', 'grow', '--integers', '--until-rank', `${untilRank}`],
    ...['--seed', `${seed}`, '--workers', '1', '--budget', budget],
  ]);
}

/** Every size that the catalogue has. */
export const RECIPES: readonly Recipe[] = [
  {
    size: '2,2,2',
    explore: modulo2(7, '20s'),
    published: [known('winograd'), known('strassen'), plinopt('2x2x2_m7_evenpow.json')],
  },
  {
    size: '2,2,3',
    explore: modulo2(11, '20s', [1, 2]),
    published: [alphaTensor('2,2,3'), fmm('2x2x3_m11_cr20_cn20_ZT_reduced.json')],
  },
  {
    size: '2,2,4',
    explore: modulo2(14, '20s', [1, 2]),
    published: [alphaTensor('2,2,4'), fmm('2x2x4_m14_cr31_cn36_ZT_reduced.json')],
  },
  {
    size: '2,2,5',
    explore: modulo2(18, '20s', [1, 2]),
    published: [alphaTensor('2,2,5'), fmm('2x2x5_m18_cr33_cn38_ZT_reduced.json')],
  },
  {
    size: '2,3,3',
    explore: modulo2(15, '20s', [1, 2]),
    published: [alphaTensor('2,3,3'), fmm('2x3x3_m15_cr46_cn58_ZT_reduced.json')],
  },
  {
    size: '2,3,4',
    explore: modulo2(20, '20s', [1, 2]),
    published: [alphaTensor('2,3,4'), fmm('2x3x4_m20_cr58_cn82_ZT_reduced.json')],
  },
  {
    size: '2,3,5',
    explore: modulo2(25, '40s', [1, 2]),
    published: [alphaTensor('2,3,5'), fmm('2x3x5_m25_cr71_cn110_ZT_reduced.json')],
  },
  {
    size: '2,4,4',
    explore: modulo2(26, '40s', [1, 2]),
    published: [alphaTensor('2,4,4'), fmm('2x4x4_m26_cr92_cn130_ZT_reduced.json')],
  },
  // Over the integers only 33 is known.
  { size: '2,4,5', explore: [], published: [alphaEvolve('2,4,5')] },
  {
    size: '2,5,5',
    explore: modulo2(40, '100s', [1, 2]),
    published: [alphaTensor('2,5,5'), fmm('2x5x5_m40_cr153_cn283_ZT_reduced.json')],
  },
  {
    size: '3,3,3',
    explore: modulo2(23, '40s', [1, 2]),
    published: [
      alphaTensor('3,3,3'),
      fmm('3x3x3_m23_cr58_cn119_ZT_reduced.json'),
      fmm('3x3x3_m23_cr60_cn97_ZT_reduced.json'),
    ],
  },
  {
    size: '3,3,4',
    explore: modulo2(29, '60s', [1, 2]),
    published: [alphaTensor('3,3,4'), fmm('3x3x4_m29_cr92_cn134_ZT_reduced.json')],
  },
  {
    size: '3,3,5',
    explore: modulo2(36, '100s', [1, 2]),
    published: [alphaTensor('3,3,5'), fmm('3x3x5_m36_cr123_cn193_ZT_reduced.json')],
  },
  { size: '3,3,6', explore: [], published: [plinopt('3x3x6_m40_accurate.json')] },
  {
    size: '3,4,4',
    explore: modulo2(38, '100s', [1, 2]),
    published: [alphaTensor('3,4,4')],
  },
  // Of the sizes without a walk, one of two minutes reaches 48 for <3,4,5>, 59 for <3,5,5>, 49 for <4,4,4>, 64 for <4,4,5>, 79 for <4,5,5>; from
  // AlphaTensor's <5,5,5;98> none leads to 97.
  {
    size: '3,4,5',
    explore: [],
    published: [alphaTensor('3,4,5'), fmm('3x4x5_m47_cr161_cn277_ZT_reduced.json')],
  },
  {
    size: '3,5,5',
    explore: [],
    published: [alphaTensor('3,5,5'), fmm('3x5x5_m58_cr221_cn357_ZT_reduced.json')],
  },
  {
    size: '4,4,4',
    explore: [],
    published: [plinopt('4x4x4_m48_rational.json'), plinopt('4x4x4_m48_accurate.json')],
  },
  {
    size: '4,4,5',
    explore: [],
    published: [alphaEvolve('4,4,5'), fmmClone('naive_addition_reduced_ZT/4x4x5_m61_c452_ZT.json')],
  },
  {
    size: '4,5,5',
    explore: [],
    published: [
      alphaTensor('4,5,5'),
      fmmClone('naive_addition_reduced_ZT/4x5x5_m76_c528_ZT.json'),
      fmmClone('serendipitous_base/4x5x5_m76_da8dbbf84ce37ca79898976fe3241d7c421e3886_ZT.json'),
    ],
  },
  {
    size: '5,5,5',
    explore: [],
    published: [alphaEvolve('5,5,5'), fmmClone('naive_addition_reduced_ZT/5x5x5_m93_c843_ZT.json')],
  },
  // Larger ones whose n m p / R is above 1.3 in one step. <4,6,6;105> is <2,2,2;7> over <2,3,3;15>.
  { size: '3,4,6', explore: [], published: [alphaEvolve('3,4,6')] },
  { size: '3,5,6', explore: [], published: [alphaEvolve('3,5,6')] },
  { size: '4,4,6', explore: [], published: [fmmClone('naive_addition_reduced_ZT/4x4x6_m73_c534_ZT.json')] },
  { size: '4,5,6', explore: [], published: [alphaEvolve('4,5,6')] },
  { size: '5,5,6', explore: [], published: [fmmClone('naive_addition_reduced_ZT/5x5x6_m110_c1192_ZT.json')] },
  { size: '5,6,6', explore: [], published: [fmmClone('naive_addition_reduced_ZT/5x6x6_m130_c1697_ZT.json')] },
  { size: '6,6,6', explore: [], published: [fmmClone('naive_addition_reduced_ZT/6x6x6_m153_c2171_ZT.json')] },
];
