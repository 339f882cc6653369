import { connect } from 'node:net';
import type { CheckResponse } from '@alphatensor-edge/proto';
import { AlphaTensorError, messageOf } from '@alphatensor-edge/shared';
import { checkTrainer, splitAddress } from '../trainer/client.js';
import { agentIdentity, type Credentials } from '../trainer/credentials.js';
import { type Check, ok } from './diagnosis.js';

const CONNECT_MS = 5_000;
const DAY_MS = 24 * 3600 * 1000;
/**
 * The clock error from which a warning is due: the clock still works, but every measurement gets the wrong time.
 */
const SKEW_SECONDS = 5;
/**
 * The clock error that makes certificates invalid: they begin an hour before they are made, and a clock further
 * behind finds them not valid yet.
 */
const MAX_SKEW_SECONDS = 3600;

/**
 * Tries everything that serving a trainer needs, up to a call that it answers.
 * @param trainer HOST:PORT
 * @param credentials undefined on a device that is not enrolled
 * @throws AlphaTensorError INVALID_ARGUMENT for a text that is not an address
 */
export async function diagnoseTrainer(trainer: string, credentials: Credentials | undefined): Promise<Check[]> {
  const unreachable = await reach(trainer);
  const checks = [
    unreachable === undefined
      ? ok('trainer', `something answers at ${trainer}`)
      : failed(
          'trainer',
          `nothing answers at ${trainer} (${unreachable})`,
          'Start at-trainer hub there, open its port in the firewall, or correct the address with at-agent enroll.',
        ),
  ];
  if (credentials === undefined) {
    const fix = `Run at-trainer agents invite NAME at the trainer and at-agent enroll --trainer ${trainer} --token TOKEN here.`;
    return [...checks, failed('certificate', 'this device is not enrolled', fix)];
  }
  checks.push(checkCertificate(credentials, new Date()));
  if (unreachable !== undefined) return checks;
  const started = Date.now();
  try {
    const answer = await checkTrainer({ ...credentials, trainer });
    return [...checks, ...judgeAnswer(answer, started, Date.now())];
  } catch (error) {
    const fix =
      error instanceof AlphaTensorError && error.code === 'UNAUTHENTICATED'
        ? 'Enrol this device again, as the message says.'
        : 'Check that the at-trainer hub that enrolled this device listens there, and that both clocks are right.';
    return [...checks, failed('round trip', messageOf(error), fix)];
  }
}

/** Judges the certificate at a moment. Pure. */
export function checkCertificate(credentials: Pick<Credentials, 'certificate'>, now: Date): Check {
  const { name, validFrom, validTo } = agentIdentity(credentials);
  const days = (validTo.getTime() - now.getTime()) / DAY_MS;
  const anew = `Run at-trainer agents invite ${name} at the trainer and at-agent enroll here.`;
  if (now < validFrom) {
    return failed(
      'certificate',
      `it is not valid before ${validFrom.toISOString()}`,
      'Set the clock of this device (NTP).',
    );
  }
  if (days <= 0) return failed('certificate', `it expired on ${validTo.toISOString()}`, anew);
  const detail = `${name}, until ${validTo.toISOString()} (${days.toFixed(0)} days)`;
  // Renewal begins when a third of the time is left; well after that it has been failing for long.
  const third = (validTo.getTime() - validFrom.getTime()) / DAY_MS / 3;
  if (days > third / 2) return ok('certificate', detail);
  return {
    name: 'certificate',
    status: 'warning',
    detail: `${detail}, and it was not renewed`,
    fix: 'Keep at-agent serve running where it reaches the trainer; it renews the certificate by itself.',
  };
}

/**
 * Judges the trainer's answer and the difference of the clocks. Pure.
 * @param started, ended this device's clock around the call, milliseconds since 1970
 */
export function judgeAnswer(answer: CheckResponse, started: number, ended: number): Check[] {
  const skew = (started + ended) / 2000 - answer.timeSeconds;
  const uncertainty = (ended - started) / 2000;
  const words = `${Math.abs(skew).toFixed(1)} s ${skew < 0 ? 'behind' : 'ahead of'} the trainer's`;
  const clock: Check =
    Math.abs(skew) <= SKEW_SECONDS + uncertainty
      ? ok('clock', `${words} (± ${uncertainty.toFixed(1)} s)`)
      : {
          name: 'clock',
          status: Math.abs(skew) > MAX_SKEW_SECONDS ? 'failed' : 'warning',
          detail: words,
          fix: 'Set both clocks by NTP, for example with "timedatectl set-ntp true".',
        };
  return [
    clock,
    ok('round trip', `at-trainer ${answer.trainerVersion} accepts ${answer.agentName}; ${ended - started} ms`),
  ];
}

/** Says why no TCP connection can be made. Undefined if one can. */
function reach(trainer: string): Promise<string | undefined> {
  const { host, port } = splitAddress(trainer);
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: CONNECT_MS });
    const end = (why: string | undefined): void => {
      socket.destroy();
      resolve(why);
    };
    socket.once('connect', () => end(undefined));
    socket.once('timeout', () => end('no answer'));
    socket.once('error', (error) => end(messageOf(error)));
  });
}

function failed(name: string, detail: string, fix: string): Check {
  return { name, status: 'failed', detail, fix };
}
