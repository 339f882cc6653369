// Ports of this machine.
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** Milliseconds between two looks, and how many there are. */
const LOOK_MS = 50;
const LOOKS = 200;

/** Finds a port that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Waits until something listens on a port; fails after ten seconds. */
export async function listening(port: number): Promise<void> {
  for (let look = 0; look < LOOKS; look++) {
    const socket = connect(port, '127.0.0.1');
    const isUp = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (isUp) return;
    await sleep(LOOK_MS);
  }
  throw new Error(`Nothing listens on port ${port}.`);
}
