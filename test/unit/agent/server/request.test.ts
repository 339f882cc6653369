import { MODES, standard, strassen } from '@alphatensor-edge/shared';
import { describe, expect, it } from 'vitest';
import { fingerprint, toJob } from '../../../../agent/src/server/request.js';
import { benchmarkRequest } from '../../../../trainer/src/fleet/request.js';
import { BACKENDS, request, TASK } from '../../../support/agent.js';

const limits = { backends: BACKENDS, maxThreads: 2 };
const strassenMessage = request().levels[0];

/** The request must be refused with this field and a sentence that holds these words. */
function refused(
  changes: Parameters<typeof request>[0],
  field: string,
  words: string,
  code = 'INVALID_ARGUMENT',
): void {
  let caught: unknown;
  try {
    toJob(request(changes), limits);
  } catch (error) {
    caught = error;
  }
  expect(caught).toMatchObject({ code, details: { field } });
  const { message } = caught as Error;
  expect(message).toContain(words);
  expect(message).toMatch(/[.]$/);
  expect(message).not.toContain('\n');
}

describe('a valid request', () => {
  it('becomes a job with verified levels and every default filled in', () => {
    const job = toJob(request(), limits);
    expect(job.levels).toHaveLength(1);
    expect(job.levels[0].rank).toBe(7);
    expect(job.problem).toEqual({ m: 256, k: 256, n: 256, dtype: 'f32', threads: 1 });
    expect(job.protocol.minRounds).toBeGreaterThanOrEqual(3);
    expect(job.compileTimeoutSeconds).toBe(60);
  });

  it('may have several levels, or none for the control', () => {
    expect(toJob(request({ levels: [strassenMessage, strassenMessage] }), limits).levels).toHaveLength(2);
    expect(toJob(request({ levels: [] }), limits).levels).toEqual([]);
  });

  it('has the bound on the workspace that it asks for, if any', () => {
    expect(toJob(request(), limits).maxWorkspaceBytes).toBeUndefined();
    expect(toJob(request({ maxWorkspaceBytes: 4096 }), limits).maxWorkspaceBytes).toBe(4096);
  });

  it('says which operands lie transposed only where some do', () => {
    const { problem } = request();
    const asked = (flags: object) => toJob(request({ problem: { ...problem!, ...flags } }), limits).problem;
    expect(asked({ transposeA: false })).toEqual(asked({}));
    expect(asked({ transposeB: true })).toEqual({ ...asked({}), transposed: 'nt' });
    expect(asked({ transposeA: true, transposeB: true })).toEqual({ ...asked({}), transposed: 'tt' });
    const plain = benchmarkRequest(TASK, 'job');
    expect(Object.keys(plain.problem!)).toEqual(['m', 'k', 'n', 'dataType', 'threads']);
    const sent = benchmarkRequest({ ...TASK, problem: { ...TASK.problem, transposed: 'tn' } }, 'job');
    expect(toJob(sent, limits).problem.transposed).toBe('tn');
  });

  it('keeps fractions exact', () => {
    const { u, v, w } = strassenMessage;
    const halved = { ...strassenMessage, u: { coefficients: u!.coefficients.map((x) => 2 * x), denominator: 2 }, v, w };
    expect(toJob(request({ levels: [halved] }), limits).levels[0].u.denominator).toBe(2);
  });

  it('has a fingerprint of all it says', () => {
    expect(fingerprint(request())).toBe(fingerprint(request()));
    expect(fingerprint(request({ problem: { ...request().problem!, n: 257 } }))).not.toBe(fingerprint(request()));
  });
});

describe("a caller's own words in a refusal", () => {
  it('are cut, on one line and whole characters', () => {
    for (const backend of ['a\nb', 'x'.repeat(1e6), `${'x'.repeat(63)}😀`]) {
      expect(() => toJob(request({ backend }), limits)).toThrow(/^There is no backend "[^\n]{1,100}" on this device/);
      try {
        toJob(request({ backend }), limits);
      } catch (error) {
        expect(() => encodeURI((error as Error).message)).not.toThrow();
      }
    }
  });
});

describe('a bad request names its field', () => {
  it('protocol version', () => {
    refused({ protocolVersion: 2 }, 'protocol_version', 'update the agent', 'INCOMPATIBLE_VERSION');
    refused({ protocolVersion: 0 }, 'protocol_version', 'update the trainer', 'INCOMPATIBLE_VERSION');
  });

  it('job id', () => {
    for (const jobId of ['', 'a b', '../x', 'x'.repeat(65)]) refused({ jobId }, 'job_id', '1 to 64');
  });

  it('backend and variant', () => {
    refused({ backend: 'fortran' }, 'backend', 'available are c-gcc');
    refused({ backend: 'c-clang' }, 'backend', 'install clang');
    refused({ variant: 'magic' }, 'variant', 'it has temporaries');
  });

  it('problem', () => {
    const problem = request().problem!;
    refused({ problem: null }, 'problem', 'missing');
    refused({ problem: { ...problem, m: 0 } }, 'problem.m', 'from 1 to 65536, but is 0');
    refused({ problem: { ...problem, k: 65537 } }, 'problem.k', '65537');
    refused({ problem: { ...problem, threads: 3 } }, 'problem.threads', 'from 1 to 2');
    refused({ problem: { ...problem, dataType: 'DATA_TYPE_UNSPECIFIED' } }, 'problem.data_type', 'DATA_TYPE_F32');
  });

  it('protocol and compile timeout', () => {
    refused({ protocol: { ...request().protocol!, minRounds: 1 } }, 'protocol.minRounds', 'from 3');
    refused({ compileTimeoutSeconds: 1e9 }, 'compile_timeout_seconds', 'at most 600');
    refused({ compileTimeoutSeconds: Number.NaN }, 'compile_timeout_seconds', 'NaN');
  });

  it('shape of u, v and w', () => {
    for (const mode of MODES) {
      const matrix = strassenMessage[mode]!;
      const short = { ...matrix, coefficients: matrix.coefficients.slice(1) };
      refused({ levels: [{ ...strassenMessage, [mode]: short }] }, `levels[0].${mode}`, 'has 27 coefficients');
      refused({ levels: [{ ...strassenMessage, [mode]: null }] }, `levels[0].${mode}`, 'missing');
      const zero = { ...matrix, denominator: 0 };
      refused({ levels: [{ ...strassenMessage, [mode]: zero }] }, `levels[0].${mode}.denominator`, 'denominator');
    }
  });

  it('bounds on coefficients, rank, sizes and levels', () => {
    const u = { ...strassenMessage.u!, coefficients: [40_000, ...strassenMessage.u!.coefficients.slice(1)] };
    refused({ levels: [strassenMessage, { ...strassenMessage, u }] }, 'levels[1].u', '40000');
    refused({ levels: [{ ...strassenMessage, rank: 10_000 }] }, 'levels[0].rank', '10000');
    refused({ levels: [{ ...strassenMessage, n: 0 }] }, 'levels[0].n', 'from 1');
    refused({ levels: Array(5).fill(strassenMessage) }, 'levels', 'rank 16807');
    refused(
      { levels: Array(9).fill(benchmarkRequest({ ...TASK, levels: [standard({ n: 1, m: 1, p: 1 })] }, 'x').levels[0]) },
      'levels',
      'at most 8',
    );
  });

  it('a factorization that does not reconstruct', () => {
    const coefficients = [...strassenMessage.w!.coefficients];
    coefficients[0] = -coefficients[0] + 1;
    const wrong = { ...strassenMessage, w: { ...strassenMessage.w!, coefficients } };
    refused({ levels: [wrong] }, 'levels[0]', 'do not reconstruct', 'NOT_A_FACTORIZATION');
  });

  it('a factorization whose check would hold up the server', () => {
    const [n, rank] = [40, 20];
    const full = { coefficients: new Array<number>(rank * n * n).fill(1), denominator: 1 };
    refused({ levels: [{ n, m: n, p: n, rank, u: full, v: full, w: full }] }, 'levels[0]', 'too large');
  });

  it('a factorization whose check would need numbers of any size, earlier', () => {
    const [n, rank] = [6, 300];
    const full = (value: number) => ({ coefficients: new Array<number>(rank * n * n).fill(value), denominator: 1 });
    const level = (value: number) => ({ n, m: n, p: n, rank, u: full(value), v: full(value), w: full(value) });
    refused({ levels: [level(1)] }, 'levels[0]', 'do not reconstruct', 'NOT_A_FACTORIZATION');
    refused({ levels: [level(32_768)] }, 'levels[0]', 'too large');
  });

  it('a factorization of zeros that would be walked through for long', () => {
    const rank = 900;
    const matrix = (length: number, value: number) => ({
      coefficients: new Array<number>(rank * length).fill(value),
      denominator: 1,
    });
    const level = { n: 64, m: 64, p: 1, rank, u: matrix(4096, 1), v: matrix(64, 0), w: matrix(64, 1) };
    refused({ levels: [level] }, 'levels[0]', 'too large');
  });
});

describe('what the trainer sends', () => {
  it('is canonical: equal algorithms are one message', () => {
    const { size, rank, u, v, w, arithmetic } = strassen();
    const negated = ({ coefficients, denominator }: typeof u) => ({
      coefficients: coefficients.map((x) => -x),
      denominator,
    });
    const twin = { size, rank, arithmetic, u: negated(u), v, w: negated(w) } as ReturnType<typeof strassen>;
    expect(benchmarkRequest({ ...TASK, levels: [twin] }, 'a')).toEqual(benchmarkRequest(TASK, 'a'));
  });

  it('is never modulo 2', () => {
    const modulo2 = { ...strassen(), arithmetic: 'modulo-2' } as ReturnType<typeof strassen>;
    expect(() => benchmarkRequest({ ...TASK, levels: [modulo2] }, 'a')).toThrow('modulo 2 cannot be measured');
  });
});
