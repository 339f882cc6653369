import { hostname } from 'node:os';
import { formatAddress } from '@alphatensor-edge/proto';
import { readHubRecord } from './hub-record.js';

/** The port of a hub that is given none, beside the agents' own, 50051. */
export const HUB_PORT = 50_052;

/** Tells under which HOST:PORT devices reach the hub of this user; before it ran for the first time, its defaults. */
export function hubAddress(): string {
  const { host, port } = readHubRecord() ?? { host: '0.0.0.0', port: HUB_PORT };
  return formatAddress(isUnspecified(host) ? hostname() : host, port);
}

function isUnspecified(host: string): boolean {
  return host === '0.0.0.0' || host === '::';
}
