import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { mergeProfiles } from '../../../../agent/src/intercept/merge.js';
import { readGemmProfile } from '../../../../trainer/src/tune/gemm-profile.js';

const folder = mkdtempSync(join(tmpdir(), 'at-gemm-profile-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

function written(text: string): string {
  const path = join(folder, 'profile.json');
  writeFileSync(path, text);
  return path;
}

/** As at-agent profile writes it. */
const profile = mergeProfiles(
  [
    {
      ...{ format: 'alphatensor-edge-gemm-profile', version: 1, complete: true, seconds: 2, samplingSeconds: 0 },
      host: { cpu: 'cpu', architecture: 'x86_64', cpus: 2 },
      program: { executable: '/bin/app', pid: 1 },
      products: [
        {
          ...{ symbol: 'sgemm_', dtype: 'f32', layout: 'column', transA: false, transB: true },
          ...{ m: 512, n: 256, k: 128, threads: 2, blas: null, went: 'plain', reason: 'off', algorithm: null },
          ...{ calls: 2, seconds: 1, leastSeconds: 0.4, sampled: null },
        },
      ],
      ...{ others: [], libraries: [], left: { calls: 0, seconds: 0 } },
    },
  ],
  { command: ['app'], device: { id: 'id', cpu: 'cpu', architecture: 'x64', cpus: 2 }, createdAt: '' },
);

describe('readGemmProfile', () => {
  it('reads what at-agent profile writes', () => {
    expect(readGemmProfile(written(JSON.stringify(profile)))).toMatchObject({
      seconds: 2,
      products: [{ layout: 'column', m: 512, n: 256, k: 128, threads: 2, calls: 2, seconds: 1 }],
    });
  });

  it('refuses others in one sentence', () => {
    expect(() => readGemmProfile(join(folder, 'none.json'))).toThrow(
      /none\.json cannot be read .* at-agent profile -- PROGRAM\./,
    );
    expect(() => readGemmProfile(written(JSON.stringify(profile).slice(0, -9)))).toThrow(/or it is damaged/);
    expect(() => readGemmProfile(written(JSON.stringify({ ...profile, products: {} })))).toThrow(/or it is damaged/);
    expect(() => readGemmProfile(written(JSON.stringify({ ...profile, version: 2 })))).toThrow(
      /has version 2 of the profile/,
    );
  });
});
