import { cpus, loadavg } from 'node:os';

/** The machine as far as it matters for a time. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  /** What kept it busy in the last minute. */
  readonly load: number;
  readonly node: string;
}

export function machine(): Machine {
  return { cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length, load: loadavg()[0], node: process.version };
}

/** One line for people. */
export function machineLine({ cpu, cores, load }: Machine = machine()): string {
  return `${cpu}, ${cores} cores, load ${load.toFixed(1)}`;
}
