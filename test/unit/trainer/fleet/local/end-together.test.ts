import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { expect, it } from 'vitest';

const MODULE = new URL('../../../../../trainer/dist/fleet/local/end-together.js', import.meta.url).href;

/** Less than the child takes by itself. */
const LIMIT_MS = 15_000;

/**
 * Starts a process that starts a child, and ends it by a signal. Both hold the same standard error, so that its `close` is the end of both:
 * a child that stays makes the test take too long.
 * @param then what else the process does
 * @returns its exit status and the signal that ended it
 */
async function endOf(then: string, signal: NodeJS.Signals): Promise<unknown[]> {
  const program = `
    import { spawn } from 'node:child_process';
    import { endTogether } from '${MODULE}';
    const child = spawn('sleep', ['60'], { stdio: ['ignore', 'ignore', 'inherit'] });
    endTogether(child);
    ${then}
    console.log('started');
    setInterval(() => {}, 1000);
  `;
  const parent = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: ['ignore', 'pipe', 'pipe'] });
  parent.stderr.resume();
  await once(createInterface({ input: parent.stdout }), 'line');
  parent.kill(signal);
  return once(parent, 'close');
}

const options = { timeout: LIMIT_MS };

it.for(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)('ends the child where %s ends its parent', options, async (signal) => {
  expect(await endOf('', signal)).toEqual([null, signal]);
});

it('leaves the end to whoever listens, and ends the child with the process at the latest', options, async () => {
  const listens = `process.once('SIGTERM', () => setTimeout(() => process.exit(child.signalCode === null ? 9 : 1), 50));`;
  expect(await endOf(listens, 'SIGTERM')).toEqual([9, null]);
});
