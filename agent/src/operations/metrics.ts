import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { EndedJob } from './job-record.js';
import type { AgentStatus } from './status.js';

/**
 * Lists the buckets of durations, seconds: from a compilation that fails at once to a sustained measurement of minutes.
 */
const DURATION_BUCKETS = [0.5, 1, 2, 5, 10, 20, 60, 120, 300, 900];

/** Counts jobs, and shows the counts. */
export interface Metrics {
  /** Writes the text that Prometheus reads. */
  text(): Promise<string>;
  readonly contentType: string;
  count(job: EndedJob): void;
}

/**
 * Makes the agent's metrics. Those of the Node process are left out on purpose: prom-client samples the event loop
 * every 10 ms for them, and nothing may run beside a measurement.
 */
export function agentMetrics(
  identity: Pick<AgentStatus, 'agentVersion' | 'deviceId'>,
  status: () => AgentStatus,
): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const jobs = new Counter({
    name: 'alphatensor_agent_jobs_total',
    help: 'Jobs that ended, by outcome',
    labelNames: ['outcome'],
    registers,
  });
  const duration = new Histogram({
    name: 'alphatensor_agent_job_duration_seconds',
    help: 'From the start of a job to its outcome, waiting in the queue excluded',
    buckets: DURATION_BUCKETS,
    registers,
  });
  const gauge = (name: string, help: string, value: (status: AgentStatus) => number): void => {
    new Gauge({
      name: `alphatensor_agent_${name}`,
      help,
      registers,
      collect() {
        this.set(value(status()));
      },
    });
  };
  gauge('running_jobs', 'Jobs that are running', ({ queue }) => queue.runningJobs);
  gauge('waiting_jobs', 'Jobs that are waiting', ({ queue }) => queue.waitingJobs);
  gauge('queue_capacity_jobs', 'Jobs that may wait', ({ queue }) => queue.capacityJobs);
  gauge('certificate_expiry_seconds', 'Since 1970; 0: the device is not enrolled', ({ trainer }) =>
    trainer === null ? 0 : Date.parse(trainer.certificateExpiresAt) / 1000,
  );
  gauge('start_time_seconds', 'Since 1970', ({ startedAt }) => Date.parse(startedAt) / 1000);
  new Gauge({
    name: 'alphatensor_agent_info',
    help: 'Always 1; the labels say which agent this is',
    labelNames: ['version', 'device_id'],
    registers,
  }).set({ version: identity.agentVersion, device_id: identity.deviceId }, 1);
  return {
    text: () => registry.metrics(),
    contentType: registry.contentType,
    count: ({ outcome, seconds }) => {
      jobs.inc({ outcome });
      duration.observe(seconds);
    },
  };
}
