import type { Backend, DescribeResponse, Device, JobState } from '@alphatensor-edge/proto';
import { AlphaTensorError } from '@alphatensor-edge/shared';
import { boundedBlas, boundedList, boundedName, boundedSentence } from './bounded-text.js';

/** Matches the ids that agents make for their devices. */
const DEVICE_ID = /^[\w.-]{1,64}$/;

/** More jobs than an agent tells of, and more levels than a job has. */
const [MAX_JOBS, MAX_LEVELS] = [16, 16];

/**
 * Bounds what an agent says of itself.
 * @throws AlphaTensorError NOT_BELIEVED for one without a usable device id, under which nothing could be stored
 */
export function boundedDescription(said: DescribeResponse, address: string): DescribeResponse {
  if (!DEVICE_ID.test(said.deviceId)) {
    throw new AlphaTensorError(
      'NOT_BELIEVED',
      `The agent at ${address} names no usable device id; update at-agent there.`,
    );
  }
  const { temperatureCelsius, ...rest } = said;
  return {
    ...rest,
    ...(Number.isFinite(temperatureCelsius) ? { temperatureCelsius: temperatureCelsius as number } : {}),
    agentVersion: boundedName(said.agentVersion),
    device: said.device && boundedDevice(said.device),
    backends: boundedList(said.backends).map(boundedBackend),
    jobs: said.jobs.slice(0, MAX_JOBS).map(boundedJob),
  };
}

/** Bounds the description of a device. */
export function boundedDevice(device: Device): Device {
  return {
    ...device,
    hostname: boundedName(device.hostname),
    cpuModel: boundedName(device.cpuModel),
    architecture: boundedName(device.architecture),
    vectorIsa: boundedName(device.vectorIsa),
    os: boundedName(device.os),
    kernel: boundedName(device.kernel),
    // Missing in older stores.
    gpus: boundedList(device.gpus ?? []).map((gpu) => boundedName(gpu)),
  };
}

function boundedBackend(backend: Backend): Backend {
  return {
    ...backend,
    name: boundedName(backend.name),
    reason: boundedSentence(backend.reason),
    compiler: boundedName(backend.compiler),
    variants: boundedList(backend.variants).map((variant) => boundedName(variant)),
    blas: boundedList(backend.blas).map(boundedBlas),
    dataTypes: boundedList(backend.dataTypes),
    transposedVariants: boundedList(backend.transposedVariants).map((variant) => boundedName(variant)),
  };
}

function boundedJob(job: JobState): JobState {
  return {
    ...job,
    jobId: boundedName(job.jobId),
    backend: boundedName(job.backend),
    levels: job.levels.slice(0, MAX_LEVELS),
  };
}
