import { messageOf } from '@alphatensor-edge/shared';
import { requireBackends, requireKnown } from '../backends/backends.js';
import type { Settings } from '../config/settings.js';
import { stateFolder } from '../device/device-id.js';
import { requireCredentials, requireReachable } from '../server/security.js';
import { loadCredentials } from '../trainer/credentials.js';
import { linkCredentials } from '../trainer/link.js';

/** Lists why an agent with these settings would refuse to start on this device, each in a sentence. Starts and changes nothing. */
export async function settingsProblems(settings: Settings): Promise<string[]> {
  const { host, port, connect, metricsPort, backend: backends, blas } = settings;
  const folder = stateFolder();
  const checks: readonly (() => unknown)[] = [
    () => requireKnown(backends),
    () => requireReachable(host, connect),
    () => requireCredentials(host, loadCredentials(folder)),
    () => connect !== undefined && linkCredentials(folder, connect),
    () => requireDifferent(port, metricsPort),
    // Compilers are looked for only where some are asked for.
    () => (backends !== undefined || blas !== undefined) && requireBackends({ backends, blas }),
  ];
  const problems: string[] = [];
  for (const check of checks) {
    try {
      await check();
    } catch (error) {
      problems.push(messageOf(error));
    }
    // What is not known cannot be looked for.
    if (check === checks[0] && problems.length > 0 && backends !== undefined) return problems;
  }
  return problems;
}

function requireDifferent(port: number, metricsPort: number | undefined): void {
  if (port === 0 || port !== metricsPort) return;
  throw new Error(
    `The port of metrics, ${metricsPort}, is the one that the agent listens on; choose another --metrics-port.`,
  );
}
