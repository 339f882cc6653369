import { expect, it } from 'vitest';
import { tunedProgramOf } from '../../../../trainer/src/run/tuned-program.js';
import type { ReadProfile } from '../../../../trainer/src/tune/gemm-profile.js';

const made = (library: string | null, seconds: number): ReadProfile['products'][number] => ({
  ...{
    dtype: 'f32',
    layout: 'row',
    transA: false,
    transB: false,
    m: 8,
    n: 8,
    k: 8,
    threads: 1,
    calls: 1,
    seconds,
    library,
  },
});

it("keeps the program's own BLAS libraries, those with the most time first, without libraries of which a BLAS is a part", () => {
  const numpy = '/venv/numpy.libs/libscipy_openblas64_-8a1b.so';
  const profile: ReadProfile = {
    ...{ format: 'alphatensor-gemm-profile', version: 1, command: ['app'], device: { id: 'id', cpu: 'cpu' } },
    ...{ seconds: 9, others: [], left: { calls: 0, seconds: 0 } },
    products: [
      made('/lib/libopenblas.so.0', 2),
      made(numpy, 1.5),
      made('/venv/torch/lib/libtorch_cpu.so', 9),
      made(numpy, 1.5),
      made(null, 1),
    ],
  };
  expect(tunedProgramOf('p.json', profile, []).libraries).toEqual([numpy, '/lib/libopenblas.so.0']);
});
