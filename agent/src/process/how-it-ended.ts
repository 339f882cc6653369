import { ownLimit } from '@alphatensor-edge/shared';
import type { End } from './end.js';

/** Says what a signal means that nobody here has sent, and what to look at. */
const MEANING: Readonly<Partial<Record<NodeJS.Signals, string>>> = {
  SIGKILL: 'which is what the system does when memory runs out; see dmesg, or the memory limit of the container',
  SIGSEGV: 'a fault in its memory; if it happens with every program, a BLAS library or the memory is at fault',
  SIGBUS: 'a file that it had open was cut short, or memory or disk ran out; see dmesg and df',
  SIGILL: 'an instruction that this processor does not have; empty the cache if it came from another machine',
  SIGSYS: 'a system call that the container does not allow; see its seccomp profile',
};

/** Completes a sentence about a program that ended by itself: how, and what to look at. */
export function howItEnded({ exitCode, signal, stderr }: Pick<End, 'exitCode' | 'signal' | 'stderr'>): string {
  if (signal === 'SIGXCPU') return `was ended by SIGXCPU, because it used up its processor time${shellLimit()}`;
  if (signal === 'SIGKILL' && shellLimit() !== '')
    return `was ended by SIGKILL, because it used up its processor time, or because memory ran out${shellLimit()}`;
  if (signal !== null) return `was ended by ${signal}${MEANING[signal] === undefined ? '' : `, ${MEANING[signal]}`}`;
  if (exitCode !== null) return `ended with exit code ${exitCode}`;
  const reason = stderr.trim();
  const advice = /EACCES|EPERM/.test(reason) ? '; see that its folder is not mounted noexec' : '';
  return `could not be started (${reason}${advice})`;
}

/** Names the limit that whoever started the agent has set, if there is one. */
function shellLimit(): string {
  const limit = ownLimit('cpu time');
  return limit === undefined || limit === 'unlimited'
    ? ''
    : `; this agent was started with a limit of ${limit} s (ulimit -t)`;
}
