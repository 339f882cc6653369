import { blasName, type DescribeResponse } from '@alphatensor-edge/proto';
import { connectAgent } from './agent-client.js';
import { noteContact } from './agent-contacts.js';
import { jobWords } from './job-words.js';

/** Asks one agent what device it runs on, and notes that it answered. @throws AlphaTensorError as its client */
export async function describeAgent(address: string): Promise<DescribeResponse> {
  const client = connectAgent(address);
  try {
    const description = await client.describe();
    noteContact([address]);
    return description;
  } finally {
    client.close();
  }
}

/** Writes what an agent said of itself, a line for each part. */
export function descriptionLines({
  agentVersion,
  device,
  backends,
  queue,
  jobs,
  temperatureCelsius,
}: DescribeResponse): string[] {
  return [
    `agent     ${agentVersion}`,
    ...(device
      ? [
          `device    ${device.hostname}: ${device.cpuModel}, ${device.physicalCores} cores, ${device.vectorIsa}`,
          `memory    ${(device.memoryBytes / 2 ** 30).toFixed(1)} GiB`,
          `system    ${device.os}, ${device.kernel}`,
        ]
      : []),
    ...backends.map(({ name, available, reason, compiler, blas }) =>
      available
        ? `backend   ${name}: ${compiler}, baseline ${blas[0] ? blasName(blas[0]) : 'none'}`
        : `backend   ${name}: not available, ${reason}`,
    ),
    ...(temperatureCelsius === undefined ? [] : [`heat      ${Math.round(temperatureCelsius)} °C`]),
    `queue     ${queue?.runningJobs ?? 0} running, ${queue?.waitingJobs ?? 0} of ${queue?.capacityJobs ?? 0} waiting`,
    ...jobs.map((job) => `job       ${jobWords(job)}`),
  ];
}
