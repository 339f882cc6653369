// Agents as processes of their own, for what runs outside the test runner.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const children = new Set();
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL');
});
for (const [signal, status] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
]) {
  process.once(signal, () => process.exit(status));
}

/** Starts a program of Node's whose first line is a JSON document; it and its children do not outlive this process. */
export async function startProgram(script, args, { env = process.env, cwd } = {}) {
  const path = fileURLToPath(new URL(script, import.meta.url));
  const child = spawn(process.execPath, [path, ...args], { env, cwd, stdio: ['pipe', 'pipe', 'inherit'] });
  children.add(child);
  const ended = once(child, 'exit').then(([code, signal]) => {
    children.delete(child);
    return signal ?? code;
  });
  const line = await Promise.race([
    once(createInterface({ input: child.stdout }), 'line').then(([text]) => text),
    ended.then((how) => {
      throw new Error(`${script} ended with ${how} before it said anything`);
    }),
  ]);
  return {
    ...JSON.parse(line),
    pid: child.pid,
    child,
    ended,
    end: (signal = 'SIGTERM') => {
      child.kill(signal);
      return ended;
    },
  };
}

export function startSleepingAgent(...args) {
  return startProgram('./sleeping-agent.mjs', args);
}
