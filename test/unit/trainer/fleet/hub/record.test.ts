import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { hostname, type NetworkInterfaceInfo, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { startEndpoint } from '../../../../../trainer/src/fleet/hub/endpoint.js';
import { hubAddresses, whyUnreachable } from '../../../../../trainer/src/fleet/hub/hub-address.js';
import { isHubRunning, readHubRecord, writeHubRecord } from '../../../../../trainer/src/fleet/hub/hub-record.js';
import { memoryLogger } from '../../../../support/trust.js';

const at = (address: string, family: 'IPv4' | 'IPv6', internal = false) =>
  ({ address, family, internal, netmask: '', mac: '', cidr: null, scopeid: 0 }) as NetworkInterfaceInfo;

const folder = mkdtempSync(join(tmpdir(), 'at-hub-record-'));
process.env.ALPHATENSOR_CONFIG_DIR = folder;
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const trainer = fileURLToPath(new URL('../../../../../trainer/bin/at-trainer.js', import.meta.url));

/** What the command says to a person. */
async function invite(name: string): Promise<string> {
  const { stderr } = await promisify(execFile)(process.execPath, [trainer, 'agents', 'invite', name]);
  return stderr;
}

describe('an invitation', () => {
  it('names the address of the hub that runs, or ran last, and says when none runs', async () => {
    expect(isHubRunning()).toBe(false);
    expect(readHubRecord()).toBeUndefined();
    const first = await invite('early');
    expect(first).toContain('No at-trainer hub runs here yet; start it first.');
    expect(first).toMatch(/--trainer \S+:50052 --token/);
    // The name of this machine is the last resort.
    expect(first).toContain(`${hostname()}:50052`);

    const options = { port: 0, trainerVersion: '0.1.0', logger: memoryLogger().logger };
    const bound = await startEndpoint({ ...options, host: '127.0.0.1' });
    expect(isHubRunning()).toBe(true);
    const second = await invite('bound');
    expect(second).toContain(`--trainer 127.0.0.1:${bound.port} --token`);
    expect(second).not.toContain('No at-trainer hub');
    bound.close();

    const everywhere = await startEndpoint({ ...options, host: '0.0.0.0' });
    const third = await invite('everywhere');
    for (const address of hubAddresses()) expect(third).toContain(address);
    everywhere.close();
    expect(isHubRunning()).toBe(false);
    expect(await invite('later')).toContain(`:${everywhere.port} --token`);
    // Each command is a process of its own.
  }, 60_000);

  it('offers the addresses that lead from elsewhere, IPv4 first, and the name of the machine last', () => {
    const interfaces = {
      lo: [at('127.0.0.1', 'IPv4', true), at('::1', 'IPv6', true)],
      eth0: [at('fe80::1', 'IPv6'), at('2001:db8::7', 'IPv6'), at('192.0.2.7', 'IPv4')],
    };
    const { port } = readHubRecord()!;
    expect(hubAddresses(interfaces)).toEqual([`192.0.2.7:${port}`, `${hostname()}:${port}`]);
    writeHubRecord({ host: '::', port });
    expect(hubAddresses(interfaces)).toEqual([`192.0.2.7:${port}`, `[2001:db8::7]:${port}`, `${hostname()}:${port}`]);
  });

  it('cannot be reached at 0.0.0.0 where there is IPv6 alone', () => {
    const [v4, v6] = [at('192.0.2.7', 'IPv4'), at('2001:db8::7', 'IPv6')];
    expect(whyUnreachable('0.0.0.0', { eth0: [v6] })).toMatch(/give --host ::/);
    expect(whyUnreachable('::', { eth0: [v6] })).toBeUndefined();
    for (const addresses of [[v4, v6], [v4], []])
      expect(whyUnreachable('0.0.0.0', { eth0: addresses })).toBeUndefined();
  });
});
