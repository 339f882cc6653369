import { describe, expect, it } from 'vitest';
import { boundedDescription } from '../../../../trainer/src/fleet/bounded-description.js';
import { DESCRIPTION, DEVICE } from '../../../support/agent.js';

describe('what an agent says of itself', () => {
  it('is kept as it is where it is sensible', () => {
    expect(boundedDescription(DESCRIPTION, 'x:1')).toEqual(DESCRIPTION);
  });

  it('is cut to a length that can be shown, without control characters', () => {
    const device = {
      ...DEVICE,
      cpuModel: 'x'.repeat(1_900_000),
      hostname: 'a\u001b[31m\nb',
      gpus: Array(10_000).fill('gpu'),
    };
    const backends = DESCRIPTION.backends.map((backend) => ({ ...backend, reason: 'y'.repeat(100_000) }));
    const job = { jobId: 'z'.repeat(100_000), backend: '', levels: Array(10_000).fill({ n: 1, m: 1, p: 1, rank: 1 }) };
    const jobs = Array(10_000).fill({ ...job, stage: 'JOB_STAGE_QUEUED', problem: null, seconds: 0 });
    const temperatureCelsius = Number.NaN;
    const { jobs: told, ...bounded } = boundedDescription(
      { ...DESCRIPTION, device, backends, jobs, temperatureCelsius },
      'x:1',
    );
    expect(JSON.stringify(told).length).toBeLessThan(50_000);
    expect(bounded).not.toHaveProperty('temperatureCelsius');
    expect(JSON.stringify(bounded).length).toBeLessThan(10_000);
    expect(bounded.device?.cpuModel).toMatch(/^x{200}…$/);
    for (const character of ['\u001b', '\n']) expect(bounded.device?.hostname).not.toContain(character);
  });

  it('is refused without an id that something can be stored under', () => {
    for (const deviceId of ['', '../../etc', 'x'.repeat(65)]) {
      expect(() => boundedDescription({ ...DESCRIPTION, deviceId }, 'x:1')).toThrow(/x:1 names no usable device id/);
    }
  });
});
