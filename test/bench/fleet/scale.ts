import { performance } from 'node:perf_hooks';
import { median } from '@alphatensor-edge/shared';
import { mean } from '../common/figures.js';
import { withFleet } from './with-fleet.js';

export interface ScaleOptions {
  readonly folder: string;
  /** Numbers of agents to compare. */
  readonly agents: readonly number[];
  readonly sleepSeconds: number;
  readonly jobsEach: number;
  readonly repeats: number;
}

export interface ScaleRow {
  readonly agents: number;
  /** Measurements a second: the median of the rounds. */
  readonly perSecond: number;
  readonly range: readonly [low: number, high: number];
  readonly shareOfLinear: number;
  readonly idleMsEachJob: number;
  readonly trainerCpuMsEachJob: number;
}

interface Rate {
  readonly perSecond: number;
  readonly idleMs: number;
  readonly cpuMs: number;
}

/** One row for each number of agents; they take turns, so that what else the machine does meets all of them. */
export async function measureScale(options: ScaleOptions): Promise<ScaleRow[]> {
  const rounds: Rate[][] = [];
  for (let repeat = 0; repeat < options.repeats; repeat++) {
    const round: Rate[] = [];
    for (const agents of options.agents) {
      const fleet = { ...options, agents, name: `scale-${repeat}-${agents}` };
      round.push(await withFleet(fleet, (measure) => measureAtOnce(measure, agents, options.jobsEach)));
    }
    rounds.push(round);
  }
  const first = median(rounds.map((round) => round[0].perSecond));
  return options.agents.map((agents, index) => {
    const of = (field: keyof Rate): number => median(rounds.map((round) => round[index][field]));
    const rates = rounds.map((round) => round[index].perSecond);
    return {
      agents,
      perSecond: of('perSecond'),
      range: [Math.min(...rates), Math.max(...rates)],
      shareOfLinear: of('perSecond') / ((agents / options.agents[0]) * first),
      idleMsEachJob: of('idleMs'),
      trainerCpuMsEachJob: of('cpuMs'),
    };
  });
}

export function scaleLine(row: ScaleRow): string {
  return (
    `${row.agents} agents: ${row.perSecond.toFixed(2)} measurements/s, ${(100 * row.shareOfLinear).toFixed(1)} % of linear; ` +
    `a job leaves its agent idle for ${row.idleMsEachJob.toFixed(1)} ms and takes ${row.trainerCpuMsEachJob.toFixed(1)} ms of the trainer's processor`
  );
}

/** So many jobs an agent, all queued at once. */
async function measureAtOnce(measure: () => Promise<number>, agents: number, jobsEach: number): Promise<Rate> {
  await Promise.all(Array.from({ length: agents }, measure));
  const cpu = process.cpuUsage();
  const began = performance.now();
  const jobs = jobsEach * agents;
  const slept = await Promise.all(Array.from({ length: jobs }, measure));
  const seconds = (performance.now() - began) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  return {
    perSecond: jobs / seconds,
    idleMs: 1000 * (seconds / jobsEach - mean(slept)),
    cpuMs: (user + system) / 1000 / jobs,
  };
}
