import { once } from 'node:events';
import { connect, createServer } from 'node:net';

/** A way to the agent at 127.0.0.1:`port` that can be cut. */
export async function startProxy(port) {
  const pairs = new Set();
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1');
    const pair = [near, far];
    pairs.add(pair);
    near.pipe(far);
    far.pipe(near);
    for (const socket of pair) {
      socket.on('error', () => undefined);
      socket.on('close', () => {
        pairs.delete(pair);
        for (const other of pair) other.destroy();
      });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `127.0.0.1:${server.address().port}`,
    /** Ends every connection: `reset` as a crash does, `end` as a gateway that is stopped does. New ones are taken. */
    cut: (how) => {
      for (const pair of pairs)
        for (const socket of pair) how === 'reset' ? socket.resetAndDestroy() : socket.destroy();
    },
    close: () => {
      server.close();
      for (const pair of pairs) for (const socket of pair) socket.destroy();
    },
  };
}
