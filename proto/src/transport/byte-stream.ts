import { Duplex } from 'node:stream';

/** Holds a message of AgentLink.Carry, in either direction. */
interface Chunk {
  readonly data: Buffer;
}

/**
 * Makes a stream of the bytes that a Carry call carries, with its flow control: a slow reader pauses the call, and a
 * write is done when the call has taken it. Ending the stream ends the call. The owner decides what the call's own end
 * means, and pushes null.
 * @param first the bytes that were already read from the call
 */
export function byteStream(call: Duplex, first?: Buffer): Duplex {
  let lost = false;
  call.once('close', () => {
    lost = true;
  });
  const bytes = new Duplex({
    read: () => {
      call.resume();
    },
    write: (data: Buffer, _encoding, done) => {
      // Nobody reads what is written after a cut. The owner decides how long the rest goes on.
      if (lost || call.destroyed || call.writableEnded) return done();
      call.write({ data } satisfies Chunk);
      if (!call.writableNeedDrain) return done();
      const go = (): void => {
        call.off('drain', go).off('close', go).off('error', go).off('cancelled', go);
        done();
      };
      call.on('drain', go).on('close', go).on('error', go).on('cancelled', go);
    },
    final: (done) => {
      if (!call.writableEnded) call.end();
      done();
    },
    destroy: (error, done) => {
      if (!call.writableEnded) call.end();
      done(error);
    },
  });
  call.on('data', ({ data }: Chunk) => {
    if (!bytes.destroyed && !bytes.push(data)) call.pause();
  });
  call.pause();
  if (first !== undefined) bytes.push(first);
  return bytes;
}
