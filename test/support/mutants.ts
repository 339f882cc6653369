import { type BenchmarkRequest, loadAgentProto } from '../../proto/src/index.js';
import type { Random } from '../../shared/src/index.js';

/** What a hostile client sends. */
export interface Mutant {
  readonly method: 'Benchmark' | 'Describe';
  readonly bytes: Buffer;
}

type Level = BenchmarkRequest['levels'][number];
type Matrix = NonNullable<Level['u']>;
/** Changes a request in place. */
type Change = (request: BenchmarkRequest, random: Random) => void;

const { requestSerialize } = loadAgentProto().BenchmarkAgent.service.Benchmark;

const WHOLE = [0, 1, 2, 3, 5, 7, 8, 255, 65_537, 2 ** 24, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1];
const SIGNED = [-1, 2, -3, 7, 32_767, 32_768, 32_769, -32_769, 65_536, 2 ** 31 - 1, -(2 ** 31), -(2 ** 31) + 1];
const REALS = [
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  -1,
  -0,
  -1e-300,
  5e-324,
  1e-9,
  0.25,
  3601,
  1e300,
  Number.MAX_VALUE,
];
const MATRICES = ['u', 'v', 'w'] as const;

/** Text that means something to a shell, a path, a C compiler, a log or a terminal; `canary` is a file none may make. */
function hostileText(random: Random, canary: string): string {
  return pick(random, [
    '',
    ' ',
    '../../../../tmp/x',
    `../../..${canary}`,
    canary,
    `$(touch ${canary})`,
    `\`touch ${canary}\``,
    `; touch ${canary} #`,
    `| touch ${canary}`,
    `c-gcc\ntouch ${canary}`,
    `c-gcc;touch ${canary}`,
    `-o${canary}`,
    `-fplugin=${canary}`,
    `@${canary}`,
    'c-gcc\0c-gcc',
    'C-GCC',
    ' c-gcc',
    '__proto__',
    'constructor',
    'toString',
    '"*/ int main(void) { return 0; } /*',
    '%s%s%s%n',
    '\u001b[2J\u0007',
    '\u202egcc',
    'ü€😀',
    '😀'.repeat(40),
    'x'.repeat(64),
    'x'.repeat(65),
    'A'.repeat(1 + random.int(10_000)),
    'é\n'.repeat(1 + random.int(2_000)),
  ]);
}

/** Changes of meaning that leave a message that decodes, and seldom one that is valid. */
function breakingChanges(canary: string): readonly Change[] {
  const text = (random: Random): string => hostileText(random, canary);
  return [
    (r, random) => {
      r.protocolVersion = pick(random, WHOLE);
    },
    (r, random) => {
      r.jobId = text(random);
    },
    (r, random) => {
      r.backend = text(random);
    },
    (r, random) => {
      r.variant = text(random);
    },
    (r) => {
      r.problem = null;
    },
    (r) => {
      if (r.problem) r.problem.dataType = 'DATA_TYPE_UNSPECIFIED';
    },
    (r, random) => {
      const count = random.bernoulli(0.02) ? pick(random, [999, 1001]) : pick(random, [7, 8, 9, 30]);
      if (r.levels.length > 0) r.levels = Array.from({ length: count }, () => r.levels[0]);
    },
    inLevel((level, random) => {
      level[pick(random, ['n', 'm', 'p', 'rank'])] = pick(random, WHOLE);
    }),
    inLevel((level, random) => {
      level[pick(random, MATRICES)] = null;
    }),
    // Two matrices or two sizes change places: shapes may stay right, the claim does not.
    inLevel((level, random) => {
      const [one, other] = random.shuffle([...MATRICES]);
      [level[one], level[other]] = [level[other], level[one]];
    }),
    inLevel((level, random) => {
      const [one, other] = random.shuffle(['n', 'm', 'p'] as const);
      [level[one], level[other]] = [level[other], level[one]];
    }),
    inMatrix((matrix, random) => {
      matrix.denominator = pick(random, WHOLE);
    }),
    inMatrix((matrix, random) => {
      const { length } = matrix.coefficients;
      if (length > 0) matrix.coefficients[random.int(length)] = pick(random, SIGNED);
    }),
    inMatrix((matrix, random) => {
      const { length } = matrix.coefficients;
      if (length > 0) matrix.coefficients[random.int(length)] += random.bernoulli(0.5) ? 1 : -1;
    }),
    inMatrix((matrix, random) => {
      matrix.coefficients = matrix.coefficients.map((x) => -x * (random.bernoulli(0.5) ? 1 : 0x7fff_ffff));
    }),
    inMatrix((matrix, random) => {
      matrix.coefficients.length = random.int(matrix.coefficients.length + 1);
    }),
    inMatrix((matrix, random) => {
      const more = pick(random, [1, 2, 4, 1000]);
      matrix.coefficients = matrix.coefficients.concat(Array.from({ length: more }, () => random.int(3) - 1));
    }),
    inMatrix((matrix, random) => {
      random.shuffle(matrix.coefficients);
    }),
  ];
}

/** Changes of meaning that a valid request may survive. */
const BENDING_CHANGES: readonly Change[] = [
  (r, random) => {
    r.compileTimeoutSeconds = pick(random, REALS);
  },
  (r, random) => {
    if (r.problem) r.problem[pick(random, ['m', 'n', 'threads'])] = pick(random, WHOLE);
  },
  // The largest legal sizes go to one dimension only: a product that fills the memory is legal, and slow.
  (r, random) => {
    if (r.problem) r.problem.k = pick(random, [...WHOLE, 65_536]);
  },
  (r, random) => {
    if (r.protocol) r.protocol[pick(random, ['minRounds', 'maxRounds', 'seed'])] = pick(random, WHOLE);
  },
  changeTimes,
  changeTimes,
  (r) => {
    r.protocol = null;
  },
  (r, random) => {
    const [level] = r.levels;
    if (level !== undefined && random.bernoulli(0.2)) r.levels.push(level);
  },
  // A term of nothing: still exact, and as good as the shorter one.
  inLevel((level) => {
    const lengths = [level.n * level.m, level.m * level.p, level.p * level.n];
    if (lengths.some((length) => length > 100)) return;
    level.rank++;
    MATRICES.forEach((mode, index) => {
      level[mode]?.coefficients.push(...new Array<number>(lengths[index]).fill(0));
    });
  }),
];

function changeTimes({ protocol }: BenchmarkRequest, random: Random): void {
  if (protocol === null) return;
  const field = pick(random, [
    'minSampleSeconds',
    'minWarmupSeconds',
    'targetRelativeHalfWidth',
    'budgetSeconds',
    'maxRelativeError',
    'minMeasuringSeconds',
  ]);
  protocol[field] = pick(random, REALS);
}

function inLevel(change: (level: Level, random: Random) => void): Change {
  return ({ levels }, random) => {
    if (levels.length > 0) change(pick(random, levels), random);
  };
}

function inMatrix(change: (matrix: Matrix, random: Random) => void): Change {
  return inLevel((level, random) => {
    const matrix = level[pick(random, MATRICES)];
    if (matrix !== null) change(matrix, random);
  });
}

/** Changes of the encoded bytes, most of which no longer decode. */
const BYTE_CHANGES: readonly ((bytes: Buffer, random: Random) => Buffer)[] = [
  (bytes, random) => {
    const changed = Buffer.from(bytes);
    for (let flips = 1 + random.int(4); flips > 0; flips--) changed[random.int(bytes.length)] ^= 1 << random.int(8);
    return changed;
  },
  (bytes, random) => {
    const changed = Buffer.from(bytes);
    changed[random.int(bytes.length)] = random.int(256);
    return changed;
  },
  (bytes, random) => bytes.subarray(0, random.int(bytes.length)),
  (bytes, random) => bytes.subarray(random.int(bytes.length)),
  (bytes, random) => {
    const at = random.int(bytes.length);
    return Buffer.concat([bytes.subarray(0, at), randomBytes(random, 1 + random.int(20)), bytes.subarray(at)]);
  },
  // The whole message again: of a field that is there twice the last one counts, and lists grow.
  (bytes) => Buffer.concat([bytes, bytes]),
  (bytes, random) => {
    const [first, last] = [random.int(bytes.length), random.int(bytes.length)].sort((a, b) => a - b);
    return Buffer.concat([bytes.subarray(0, last), bytes.subarray(first)]);
  },
  // A field of a random number and wire type, before or after.
  (bytes, random) => {
    const extra = Buffer.concat([
      varint((random.int(20) << 3) | random.int(8)),
      varint(random.int(64)),
      randomBytes(random, random.int(64)),
    ]);
    return Buffer.concat(random.bernoulli(0.5) ? [extra, bytes] : [bytes, extra]);
  },
  // An unknown field that is well formed must not matter; the job id after it makes it another job.
  (bytes, random) => {
    const content = randomBytes(random, random.int(200));
    return Buffer.concat([varint(((100 + random.int(1000)) << 3) | 2), varint(content.length), content, bytes]);
  },
  (_, random) => randomBytes(random, random.int(300)),
];

/**
 * Few and large: what costs the receiver most for what it costs the sender. The last is over the size that an agent
 * receives at all.
 */
function largeMessages(request: BenchmarkRequest): Buffer[] {
  const bytes = requestSerialize(request);
  const room = 1_900_000;
  const repeated = (...unit: number[]): Buffer => Buffer.alloc(room - (room % unit.length), Buffer.from(unit));
  const field = (number: number, content: Buffer): Buffer =>
    Buffer.concat([varint((number << 3) | 2), varint(content.length), content]);
  return [
    // A million empty levels, and the same under another wire type, which protobuf.js takes for the same.
    Buffer.concat([bytes, repeated((5 << 3) | 2, 0)]),
    Buffer.concat([bytes, repeated(5 << 3, 0)]),
    // One level with two million coefficients, packed and one by one, and one whose u is there a million times.
    Buffer.concat([bytes, field(5, field(5, field(1, repeated(0))))]),
    Buffer.concat([bytes, field(5, field(5, repeated(1 << 3, 1)))]),
    Buffer.concat([bytes, field(5, repeated((5 << 3) | 2, 0))]),
    // Long text, deep groups, a million protocols.
    requestSerialize({ ...request, backend: 'b'.repeat(room) }),
    requestSerialize({ ...request, variant: '\n'.repeat(room) }),
    requestSerialize({ ...request, jobId: 'é'.repeat(room / 2) }),
    Buffer.concat([bytes, repeated((15 << 3) | 3)]),
    Buffer.concat([bytes, repeated((7 << 3) | 2, 0)]),
    requestSerialize({ ...request, backend: 'b'.repeat(3_000_000) }),
  ];
}

export interface MutantOptions {
  readonly count: number;
  /** Valid requests to start from. */
  readonly valid: readonly BenchmarkRequest[];
  /** A path that no request may make the agent create. */
  readonly canary: string;
}

/** How often each large message comes in a row, so that several are under way at once. */
const LARGE_IN_A_ROW = 4;

/** Mutants of valid requests, in a fixed order for a seed; after the first half come the large messages. */
export function* mutants(random: Random, { count, valid, canary }: MutantOptions): Generator<Mutant> {
  const breaking = breakingChanges(canary);
  // What has no levels leaves little to change.
  const withLevels = valid.filter(({ levels }) => levels.length > 0);
  const large = largeMessages({ ...valid[0], jobId: 'large' });
  const firstLarge = Math.floor(count / 2);
  for (let i = 0; i < count; i++) {
    const bytes = large[Math.floor((i - firstLarge) / LARGE_IN_A_ROW)];
    if (i >= firstLarge && bytes !== undefined) {
      yield { method: 'Benchmark', bytes };
      continue;
    }
    const mutation = random.split(i);
    const kind = mutation.float();
    if (kind < 0.02) {
      yield { method: 'Describe', bytes: randomBytes(mutation, mutation.int(12)) };
      continue;
    }
    const request = structuredClone(pick(mutation, mutation.bernoulli(0.05) ? valid : withLevels));
    request.jobId = `mutant-${i}`;
    const ofBytes = kind < 0.35;
    if (kind >= 0.06) {
      const times = mutation.categorical([0.05, 0.6, 0.35]);
      for (let left = times; left > 0; left--) pick(mutation, breaking)(request, mutation);
      for (let left = mutation.int(3); left > 0; left--) pick(mutation, BENDING_CHANGES)(request, mutation);
    }
    const whole = requestSerialize(request);
    yield { method: 'Benchmark', bytes: ofBytes ? pick(mutation, BYTE_CHANGES)(whole, mutation) : whole };
  }
}

function pick<const T>(random: Random, items: readonly T[]): T {
  return items[random.int(items.length)];
}

function randomBytes(random: Random, length: number): Buffer {
  return Buffer.from(Array.from({ length }, () => random.int(256)));
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Buffer.from([...bytes, rest]);
    bytes.push((rest % 128) | 0x80);
  }
}
