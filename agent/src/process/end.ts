/** Tells how a program ended. */
export interface End {
  /** `deadline` and `cancelled`: we killed it. `exited`: it ended by itself, with an exit code or by a signal. */
  readonly reason: 'exited' | 'deadline' | 'cancelled';
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly seconds: number;
  /** Cut to 1 MiB each. */
  readonly stdout: string;
  readonly stderr: string;
}
