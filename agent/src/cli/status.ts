import { AlphaTensorError, OPTION_WORDS, printable } from '@alphatensor-edge/shared';
import { Command } from 'commander';
import { runningAgents } from '../operations/endpoint.js';
import type { AgentStatus, TrainerStatus } from '../operations/status.js';
import { doubtSentence } from '../process/lock-reach.js';

/** Makes `at-agent status`, which shows what the running agents of this device say. The command fails if none runs. */
export function statusCommand(): Command {
  return new Command('status')
    .description('ask the agents that run on this device: uptime, queue, last job, link and certificate')
    .option('--json', OPTION_WORDS.json)
    .addHelpText('after', '\nExamples:\n  at-agent status\n  sudo at-agent status        # the service too')
    .action(status);
}

async function status({ json }: { json?: true }): Promise<void> {
  const agents = await runningAgents();
  if (agents.length > 0 || json) {
    process.stdout.write(
      json ? `${JSON.stringify(agents, null, 2)}\n` : `${printable(agents.map(format).join('\n\n'))}\n`,
    );
  }
  if (agents.length > 0) return;
  throw new AlphaTensorError(
    'UNAVAILABLE',
    'No agent of this user runs; start one with "at-agent serve", or ask the service with "sudo at-agent status".',
  );
}

function format(agent: AgentStatus): string {
  const { queue, lastJob } = agent;
  const last = lastJob && `${lastJob.jobId}, ${lastJob.outcome}, ${lastJob.seconds.toFixed(1)} s, ${lastJob.endedAt}`;
  return [
    `agent     ${agent.agentVersion}, process ${agent.pid}, ${agent.draining ? 'stops after its job' : agent.address}`,
    `device    ${agent.deviceId}`,
    `up since  ${agent.startedAt}`,
    `backends  ${agent.backends.join(', ') || 'none works; see at-agent doctor'}`,
    `queue     ${queue.runningJobs} running, ${queue.waitingJobs} waiting, room for ${queue.capacityJobs}`,
    ...(agent.hostLock.waitsFor === null ? [] : [`waits for ${agent.hostLock.waitsFor}`]),
    `last job  ${last ?? 'none yet'}`,
    `trainer   ${trainerWords(agent.trainer)}`,
    ...(agent.hostLock.doubt === '' ? [] : [`warning   ${doubtSentence(agent.hostLock)}`]),
  ].join('\n');
}

const DAY_MS = 24 * 3600 * 1000;

function trainerWords(trainer: TrainerStatus | null): string {
  if (trainer === null) return 'none; this device is not enrolled';
  const { name, address, certificateExpiresAt: at, connected } = trainer;
  const link = connected === null ? '' : connected ? ', connected' : ', NOT connected; see at-agent doctor';
  const days = Math.floor((Date.parse(at) - Date.now()) / DAY_MS);
  const left = days < 0 ? `EXPIRED on ${at}; enrol again` : `holds until ${at} (${days} days)`;
  return `${address}, as ${name}${link}; the certificate ${left}`;
}
