import { hostname, type NetworkInterfaceInfo, networkInterfaces } from 'node:os';
import { formatAddress } from '@alphatensor-edge/proto';
import { readHubRecord } from './hub-record.js';

/** The port of a hub that is given none, beside the agents' own, 50051. */
export const HUB_PORT = 50_052;

/**
 * Lists under which HOST:PORT devices may reach the hub of this user; before it ran for the first time, with its defaults. A hub
 * that listens everywhere has the addresses of this machine, and last its name, which few devices can resolve.
 */
export function hubAddresses(interfaces = networkInterfaces()): [string, ...string[]] {
  const { host, port } = readHubRecord() ?? { host: '0.0.0.0', port: HUB_PORT };
  const format = (each: string): string => formatAddress(each, port);
  if (host !== '0.0.0.0' && host !== '::') return [format(host)];
  const [first, ...more] = [...outerAddresses(interfaces, host === '::'), hostname()];
  return [format(first), ...more.map(format)];
}

/** Says that devices cannot reach a hub that listens on all addresses of IPv4, on a machine with IPv6 alone. Undefined: they may. */
export function whyUnreachable(host: string, interfaces = networkInterfaces()): string | undefined {
  if (host !== '0.0.0.0' || outerAddresses(interfaces, false).length > 0) return undefined;
  if (outerAddresses(interfaces, true).length === 0) return undefined;
  return 'This machine has addresses of IPv6 only, so no device can reach 0.0.0.0; give --host ::.';
}

/**
 * Lists the addresses of this machine that others may reach, those of IPv4 first. Those that hold on one link only need a zone,
 * which differs between machines.
 */
function outerAddresses(interfaces: NodeJS.Dict<NetworkInterfaceInfo[]>, withIPv6: boolean): string[] {
  const outer = Object.values(interfaces)
    .flatMap((addresses) => addresses ?? [])
    .filter(({ internal, address }) => !internal && !/^fe[89ab]|^169\.254\./i.test(address));
  const of = (family: string): string[] => outer.filter((each) => each.family === family).map(({ address }) => address);
  return [...of('IPv4'), ...(withIPv6 ? of('IPv6') : [])];
}
