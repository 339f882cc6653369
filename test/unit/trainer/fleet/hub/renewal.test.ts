import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  identityOf,
  loadTrainerProto,
  mutualTls,
  refuseAllButTrainer,
  TLS_CHANNEL_OPTIONS,
} from '@alphatensor-edge/proto';
import type { ServiceError } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type Credentials,
  credentialsFile,
  loadCredentials,
  saveCredentials,
} from '../../../../../agent/src/trainer/credentials.js';
import { certificateRequest } from '../../../../../agent/src/trainer/csr.js';
import { keepRenewed, renewIfDue } from '../../../../../agent/src/trainer/renewal.js';
import { renewTrainer } from '../../../../../trainer/src/fleet/trust/authority.js';
import { memoryLogger, startTestTrainer, type TestTrainer } from '../../../../support/trust.js';

const DAY_MS = 24 * 3600 * 1000;

let trainer: TestTrainer;

beforeAll(async () => {
  trainer = await startTestTrainer();
});

afterAll(() => trainer.close());

function modeOf(...path: string[]): number {
  return statSync(join(...path)).mode & 0o777;
}

describe('renewal', () => {
  it('waits for the last third, then renews by itself and keeps the file private', async () => {
    const { credentials, state } = await trainer.enrol('renewed');
    expect(await renewIfDue(state)).toBeUndefined();
    saveCredentials(state, await trainer.certify(credentials, { days: 0.001 }));
    const { logger, text } = memoryLogger();
    const renewed = await new Promise<Credentials>((resolve) => {
      const keeper = keepRenewed({ stateFolder: state, trainer: undefined, credentials }, resolve, logger);
      setImmediate(keeper.close);
    });
    expect(identityOf(renewed.certificate)!.validTo.getTime()).toBeGreaterThan(Date.now() + 80 * DAY_MS);
    expect(loadCredentials(state)).toEqual({ ...credentials, certificate: renewed.certificate });
    expect(modeOf(credentialsFile(state))).toBe(0o600);
    await expect.poll(text).toContain('certificate renewed');
    expect(text() + trainer.log()).not.toContain(credentials.key.split('\n')[1]);
  });

  it('takes up what an enrolment wrote while the agent runs', async () => {
    const { credentials, state } = await trainer.enrol('anew');
    const seen: Credentials[] = [];
    const { logger, text } = memoryLogger();
    const keeper = keepRenewed(
      { stateFolder: state, trainer: undefined, credentials, readMs: 20 },
      (present) => seen.push(present),
      logger,
    );
    const { credentials: again } = await trainer.enrol('anew');
    await expect.poll(() => seen).toEqual([again]);
    writeFileSync(credentialsFile(state), 'damaged');
    await new Promise((resolve) => setTimeout(resolve, 100));
    keeper.close();
    expect(seen).toEqual([again]);
    expect(text()).toContain('new credentials taken up');
  });

  it('goes to where the trainer is today, if it is told', async () => {
    const { credentials, state } = await trainer.enrol('moved');
    const gone = { ...(await trainer.certify(credentials, { days: 0.001 })), trainer: '127.0.0.1:1' };
    saveCredentials(state, gone);
    await expect(renewIfDue(state)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(identityOf((await renewIfDue(state, trainer.address))!.certificate)).toMatchObject({ name: 'moved' });
    expect(loadCredentials(state)?.trainer).toBe(gone.trainer);
  });

  it('comes too late for a certificate that has expired, and says so', async () => {
    const { credentials, state } = await trainer.enrol('late');
    saveCredentials(state, await trainer.certify(credentials, { days: -1 }));
    await expect(renewIfDue(state)).rejects.toMatchObject({
      code: 'UNAUTHENTICATED',
      message: expect.stringMatching(/expired on .*at-trainer agents invite late/),
    });
  });

  it('is for the key that enrolled, and for whoever has it', async () => {
    const { credentials } = await trainer.enrol('keyed');
    const other = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
    const mine = createPublicKey(createPrivateKey(credentials.key));
    const requests = [
      [certificateRequest(other.publicKey, other.privateKey), /renewed for the key it has/],
      // Signed by a key other than the one it asks for.
      [certificateRequest(mine, other.privateKey), /not a signed PKCS #10 request/],
      [Buffer.from('nonsense'), /not a signed PKCS #10 request/],
    ] as const;
    const stub = new (loadTrainerProto().Enrollment)(
      trainer.address,
      mutualTls(credentials, refuseAllButTrainer),
      TLS_CHANNEL_OPTIONS,
    );
    for (const [certificateRequest, why] of requests) {
      const error = await new Promise((resolve) => stub.renew({ certificateRequest }, resolve));
      expect((error as ServiceError | null)?.details).toMatch(why);
    }
    stub.close();
  });

  it('is done for the trainer itself too', async () => {
    const first = await renewTrainer(trainer.authority);
    expect(await renewTrainer(trainer.authority)).toEqual(first);
    const old = await trainer.certify({ ...first, trainer: '' }, { days: 0.001 });
    writeFileSync(join(trainer.folder, 'trainer', 'trust', 'trainer.pem'), old.key + old.certificate, { mode: 0o600 });
    const second = await renewTrainer(trainer.authority);
    expect(second.key).not.toBe(first.key);
    expect(identityOf(second.certificate)!.validTo.getTime()).toBeGreaterThan(Date.now() + 80 * DAY_MS);
  });
});
