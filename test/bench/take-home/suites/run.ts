import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** Runs a program to its end, whatever its status. @returns what it printed on both outputs */
export async function textOf(
  command: readonly string[],
  options: {
    readonly cwd: string;
    readonly env: NodeJS.ProcessEnv;
    readonly signal: AbortSignal;
    readonly input?: string;
  },
): Promise<string> {
  const { input = '', ...place } = options;
  const child = spawn(command[0], command.slice(1), { ...place, stdio: ['pipe', 'pipe', 'pipe'] });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (part: string) => {
      text += part;
    });
  }
  // Some do not read it.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  await once(child, 'close');
  return text;
}
