import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import {
  formatToken,
  identityOf,
  loadTrainerProto,
  parseToken,
  refuseAllButTrainer,
  serverTls,
  TLS_CHANNEL_OPTIONS,
} from '@alphatensor-edge/proto';
import { type ServiceError, status } from '@grpc/grpc-js';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { enrollCommand } from '../../../../../agent/src/cli/enroll.js';
import { checkTrainer, enroll, renew } from '../../../../../agent/src/trainer/client.js';
import {
  type Credentials,
  credentialsFile,
  loadCredentials,
  saveCredentials,
} from '../../../../../agent/src/trainer/credentials.js';
import { certificateRequest } from '../../../../../agent/src/trainer/csr.js';
import { FailureLimit } from '../../../../../trainer/src/fleet/hub/failure-limit.js';
import { closed, startTestTrainer, type TestTrainer } from '../../../../support/trust.js';

const DAY_MS = 24 * 3600 * 1000;

let trainer: TestTrainer;

beforeAll(async () => {
  trainer = await startTestTrainer();
});

afterAll(() => trainer.close());

function modeOf(...path: string[]): number {
  return statSync(join(...path)).mode & 0o777;
}

describe('enrolment', () => {
  it('makes the key on the device and certifies it for the name of the invitation', async () => {
    const token = trainer.invite('laptop');
    const credentials = await enroll(trainer.address, token);
    expect(identityOf(credentials.certificate)).toMatchObject({ role: 'agent', name: 'laptop' });
    expect((await checkTrainer(credentials)).agentName).toBe('laptop');
    const days = (identityOf(credentials.certificate)!.validTo.getTime() - Date.now()) / DAY_MS;
    expect(days).toBeGreaterThan(89);
    expect(days).toBeLessThanOrEqual(90);
  });

  it('keeps keys for one user alone, and the secret of a token nowhere', async () => {
    const token = trainer.invite('private');
    const state = join(trainer.folder, 'private');
    const credentials = await enroll(trainer.address, token);
    saveCredentials(state, credentials);
    expect([modeOf(state), modeOf(credentialsFile(state))]).toEqual([0o700, 0o600]);
    const trust = join(trainer.folder, 'trainer', 'trust');
    expect([modeOf(trust), modeOf(trust, 'links')]).toEqual([0o700, 0o700]);
    expect(['ca.pem', 'trainer.pem', 'agents.sqlite'].map((name) => modeOf(trust, name))).toEqual([
      0o600, 0o600, 0o600,
    ]);
    const kept = readFileSync(join(trust, 'agents.sqlite'));
    expect(kept.includes(parseToken(token)!.secret)).toBe(false);
    expect(kept.includes(parseToken(token)!.secret.toString('hex'))).toBe(false);
  });

  it('logs who, and neither key nor token', async () => {
    const token = trainer.invite('logged');
    const { key } = await enroll(trainer.address, token);
    await expect(enroll(trainer.address, token)).rejects.toThrow();
    expect(trainer.log()).toContain('logged');
    const secret = parseToken(token)!.secret;
    const base64 = key.split('\n')[1];
    for (const text of [token, secret.toString('hex'), secret.toString('base64'), base64, 'PRIVATE KEY']) {
      expect(trainer.log()).not.toContain(text);
    }
  });

  it('does not read a key that others could have read', async () => {
    const { state } = await trainer.enrol('open');
    chmodSync(credentialsFile(state), 0o640);
    expect(() => loadCredentials(state)).toThrow(/Other users can read/);
  });

  it('spends no token where the credentials cannot be kept', async () => {
    const token = trainer.invite('unkept');
    const file = join(trainer.folder, 'file');
    writeFileSync(file, '');
    vi.stubEnv('ALPHATENSOR_STATE_DIR', file);
    const options = ['--trainer', trainer.address, '--token', token, '--force'];
    await expect(enrollCommand().parseAsync(options, { from: 'user' })).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringContaining('The credentials cannot be kept'),
    });
    vi.unstubAllEnvs();
    await enroll(trainer.address, token);
  });

  it('asks nothing of a trainer other than that of the token', async () => {
    const token = parseToken(trainer.invite('misled'))!;
    const other = formatToken({ ...token, caFingerprint: randomBytes(32) });
    await expect(enroll(trainer.address, other)).rejects.toMatchObject({
      code: 'UNAUTHENTICATED',
      message: expect.stringContaining('is not the trainer that made this token'),
    });
    // The token was not spent on it.
    await enroll(trainer.address, formatToken(token));
  });
});

describe('a token is refused', () => {
  const refused = (message: string) => ({ code: 'UNAUTHENTICATED', message: expect.stringContaining(message) });

  it('that was used', async () => {
    const token = trainer.invite('twice');
    await enroll(trainer.address, token);
    await expect(enroll(trainer.address, token)).rejects.toMatchObject(refused('was used already'));
  });

  it('that was used, by one of two who use it at once', async () => {
    const token = trainer.invite('race');
    const results = await Promise.allSettled([1, 2, 3].map(() => enroll(trainer.address, token)));
    expect(results.filter(({ status }) => status === 'fulfilled').length).toBe(1);
  });

  it('that has expired', async () => {
    await expect(enroll(trainer.address, trainer.invite('late', -1))).rejects.toMatchObject(refused('has expired'));
  });

  it('that was taken back by a revocation', async () => {
    const token = trainer.invite('uninvited');
    trainer.withStore((store) => store.revoke('uninvited'));
    await expect(enroll(trainer.address, token)).rejects.toMatchObject(refused('is not known'));
  });

  it('that is cut off, before anything is sent', async () => {
    await expect(enroll('127.0.0.1:1', trainer.invite('cut').slice(0, -1))).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
  });
});

describe('a peer is refused', () => {
  let credentials: Credentials;
  const refused = (message: RegExp) => ({ code: 'UNAUTHENTICATED', message: expect.stringMatching(message) });

  beforeAll(async () => {
    ({ credentials } = await trainer.enrol('peer'));
  });

  afterEach(async () => {
    // Whoever was refused, those who are enrolled are served.
    expect((await checkTrainer(credentials)).agentName).toBe('peer');
  });

  it('without a certificate, by every call but the first', async () => {
    const { Enrollment, AgentLink } = loadTrainerProto();
    const anonymous = serverTls(trainer.authority.ca, refuseAllButTrainer);
    const stub = new Enrollment(trainer.address, anonymous, TLS_CHANNEL_OPTIONS);
    const link = new AgentLink(trainer.address, anonymous, TLS_CHANNEL_OPTIONS);
    const deadline = Date.now() + 5000;
    const failures = await Promise.all([
      new Promise((resolve) => stub.check({}, { deadline }, resolve)),
      new Promise((resolve) => stub.renew({ certificateRequest: Buffer.alloc(0) }, { deadline }, resolve)),
      new Promise((resolve) => link.carry({ deadline }).on('error', resolve).resume()),
    ]);
    for (const failure of failures as (ServiceError | null)[]) {
      expect(failure?.details).toContain('there is no certificate');
    }
    stub.close();
    link.close();
  });

  it('with an expired certificate', async () => {
    await expect(checkTrainer(await trainer.certify(credentials, { days: -1 }))).rejects.toMatchObject({
      code: 'UNAVAILABLE',
    });
    expect(trainer.log()).toContain('CERT_HAS_EXPIRED');
  });

  it('with a certificate of another CA, be it for the same key', async () => {
    const authority = await trainer.otherAuthority();
    const before = trainer.log().length;
    await expect(checkTrainer(await trainer.certify(credentials, { authority }))).rejects.toThrow();
    expect(trainer.log().slice(before)).toMatch(/its certificate is not valid/);
  });

  it('that was revoked, until it is invited again', async () => {
    const { credentials: mine } = await trainer.enrol('revoked');
    trainer.withStore((store) => store.revoke('revoked'));
    await expect(checkTrainer(mine)).rejects.toMatchObject(refused(/revoked was revoked/));
    await expect(renew(mine)).rejects.toMatchObject(refused(/revoked was revoked/));
    const { credentials: again } = await trainer.enrol('revoked');
    expect((await checkTrainer(again)).agentName).toBe('revoked');
    // Invited was the device with the new key.
    await expect(checkTrainer(mine)).rejects.toMatchObject(refused(/another key/));
  });

  it('with a certificate of this CA for a key that never enrolled', async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
    const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    await expect(checkTrainer(await trainer.certify({ ...credentials, key }, {}))).rejects.toMatchObject(
      refused(/another key/),
    );
    await expect(
      checkTrainer(await trainer.certify(credentials, { role: { role: 'agent', name: 'nobody' } })),
    ).rejects.toMatchObject(refused(/nobody is not/));
  });

  it('that speaks in the clear on the TLS port', async () => {
    for (const text of ['PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'GET / HTTP/1.1\r\n\r\n']) {
      const socket = connect(trainer.port, '127.0.0.1');
      let answer = '';
      socket
        .on('error', () => undefined)
        .on('data', (data) => {
          answer += data.toString('latin1');
        });
      socket.write(text);
      await closed(socket);
      // At most a TLS alert (record type 21), and no HTTP.
      expect(answer === '' || answer.charCodeAt(0) === 21).toBe(true);
    }
  });

  it('that speaks an older TLS', async () => {
    const socket = connectTls({
      port: trainer.port,
      host: '127.0.0.1',
      maxVersion: 'TLSv1.2',
      rejectUnauthorized: false,
    });
    await expect(once(socket, 'secureConnect')).rejects.toThrow(/protocol version/);
  });
});

describe('guessing tokens', () => {
  it('ends after ten wrong ones from an address, for the good ones too', async () => {
    const guesser = await startTestTrainer();
    try {
      const good = guesser.invite('guessed');
      const { caFingerprint } = parseToken(good)!;
      const guess = () => enroll(guesser.address, formatToken({ caFingerprint, secret: randomBytes(16) }));
      for (let i = 0; i < 10; i++) await expect(guess()).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
      await expect(guess()).rejects.toMatchObject({ code: 'RESOURCE_EXHAUSTED' });
      await expect(enroll(guesser.address, good)).rejects.toMatchObject({
        code: 'RESOURCE_EXHAUSTED',
        message: expect.stringContaining('try again in a minute'),
      });
    } finally {
      guesser.close();
      process.env.ALPHATENSOR_CONFIG_DIR = join(trainer.folder, 'trainer');
    }
  });

  it('by calls made at once is no more guesses than by calls made one by one', async () => {
    const hasty = await startTestTrainer();
    const stub = new (loadTrainerProto().Enrollment)(
      hasty.address,
      serverTls(hasty.authority.ca, refuseAllButTrainer),
      TLS_CHANNEL_OPTIONS,
    );
    try {
      const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
      const request = certificateRequest(publicKey, privateKey);
      const codes = await Promise.all(
        Array.from({ length: 30 }, () => {
          const guess = { secret: randomBytes(16), certificateRequest: request };
          return new Promise<status | undefined>((resolve) => stub.enroll(guess, (error) => resolve(error?.code)));
        }),
      );
      expect(codes.filter((code) => code === status.UNAUTHENTICATED)).toHaveLength(10);
      expect(codes.filter((code) => code === status.RESOURCE_EXHAUSTED)).toHaveLength(20);
    } finally {
      stub.close();
      hasty.close();
      process.env.ALPHATENSOR_CONFIG_DIR = join(trainer.folder, 'trainer');
    }
  });

  it('is counted for each address, for a minute, in bounded memory', () => {
    const limit = new FailureLimit(2, 1000);
    for (const at of [0, 10]) limit.count('a', at);
    expect([limit.isOver('a', 20), limit.isOver('b', 20), limit.isOver('a', 1000)]).toEqual([true, false, false]);
    for (let i = 0; i < 20_000; i++) limit.count(`flood-${i}`, 30);
    expect(limit.isOver('a', 40)).toBe(false);
  });
});
