import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkCertificate, diagnoseTrainer, judgeAnswer } from '../../../../agent/src/doctor/trainer-checks.js';
import type { Credentials } from '../../../../agent/src/trainer/credentials.js';
import { startTestTrainer, type TestTrainer } from '../../../support/trust.js';

let trainer: TestTrainer;
let device: Credentials;

beforeAll(async () => {
  trainer = await startTestTrainer();
  ({ credentials: device } = await trainer.enrol('device'));
});

afterAll(() => trainer.close());

/** Name and status of each check, in order. */
async function diagnosed(address: string, credentials: Credentials | undefined): Promise<string[]> {
  const checks = await diagnoseTrainer(address, credentials);
  // What fails says what to do.
  for (const { status, fix } of checks) expect(fix === '').toBe(status === 'ok');
  return checks.map(({ name, status }) => `${name} ${status}`);
}

describe('the checks of the trainer', () => {
  it('go up to a call that it answers', async () => {
    expect(await diagnosed(trainer.address, device)).toEqual([
      'trainer ok',
      'certificate ok',
      'clock ok',
      'round trip ok',
    ]);
  });

  it('tell what is missing on a device that is not enrolled', async () => {
    expect(await diagnosed(trainer.address, undefined)).toEqual(['trainer ok', 'certificate failed']);
  });

  it('tell that nothing answers there', async () => {
    expect(await diagnosed('127.0.0.1:1', device)).toEqual(['trainer failed', 'certificate ok']);
  });

  it('tell that something else answers there', async () => {
    const other = createServer((socket) => socket.on('error', () => undefined).end('hello'));
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as { port: number };
    expect(await diagnosed(`127.0.0.1:${port}`, device)).toEqual(['trainer ok', 'certificate ok', 'round trip failed']);
    other.close();
  });

  it('tell that the device was revoked, or its certificate expired', async () => {
    const { credentials } = await trainer.enrol('revoked');
    trainer.withStore((store) => store.revoke('revoked'));
    const checks = await diagnoseTrainer(trainer.address, credentials);
    expect(checks.at(-1)).toMatchObject({ status: 'failed', detail: expect.stringContaining('revoked was revoked') });
    const expired = await trainer.certify(device, { days: -1 });
    expect(await diagnosed(trainer.address, expired)).toEqual([
      'trainer ok',
      'certificate failed',
      'round trip failed',
    ]);
  });

  it('refuse what is no address', async () => {
    await expect(diagnoseTrainer('trainer', device)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });
});

describe('a certificate', () => {
  const DAY_MS = 24 * 3600 * 1000;
  const judged = (days: number) => checkCertificate(device, new Date(Date.now() + days * DAY_MS));

  it('is fine until its renewal has been failing for long, and is said to expire before it does', () => {
    expect([0, 60, 70].map((days) => judged(days).status)).toEqual(['ok', 'ok', 'ok']);
    expect(judged(80)).toMatchObject({
      status: 'warning',
      detail: expect.stringContaining('(10 days), and it was not'),
    });
    expect(judged(91)).toMatchObject({ status: 'failed', fix: expect.stringContaining('at-agent enroll') });
  });

  it('that is not valid yet tells of a wrong clock', () => {
    expect(judged(-1)).toMatchObject({ status: 'failed', fix: expect.stringContaining('clock') });
  });
});

describe('the clock', () => {
  /** @param skewSeconds how far ahead of the trainer this device is; the call took 2 s */
  const judged = (skewSeconds: number) => {
    const started = 1_000_000_000_000;
    const answer = { agentName: 'device', trainerVersion: '0.1.0', timeSeconds: started / 1000 + 1 - skewSeconds };
    return judgeAnswer(answer, started, started + 2000)[0];
  };

  it('may be off by a few seconds and what the call takes, and says by how much', () => {
    expect(judged(0).status).toBe('ok');
    expect(judged(5.9).status).toBe('ok');
    expect(judged(6.1)).toMatchObject({ status: 'warning', detail: "6.1 s ahead of the trainer's" });
    expect(judged(-90)).toMatchObject({ status: 'warning', detail: "90.0 s behind the trainer's" });
    expect(judged(-3700).status).toBe('failed');
  });
});
