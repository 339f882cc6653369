import { type AddressInfo, createServer } from 'node:net';
import { ERROR_METADATA, loadAgentProto, MIN_PROTOCOL_VERSION, PROTOCOL_VERSION } from '@alphatensor-edge/proto';
import { AlphaTensorError } from '@alphatensor-edge/shared';
import {
  Metadata,
  Server,
  ServerCredentials,
  type ServerWritableStream,
  status,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { afterEach, describe, expect, it } from 'vitest';
import { commonVersion, connectAgent } from '../../../../trainer/src/fleet/agent-client.js';
import { fromGrpc, isInfrastructure, retryAfterMs } from '../../../../trainer/src/fleet/grpc-error.js';
import { DESCRIPTION, outcome, request } from '../../../support/agent.js';
import { freePort } from '../../../support/ports.js';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

function client(address: string) {
  const made = connectAgent(address);
  closers.push(() => made.close());
  return made;
}

/** A server that says it speaks these versions. */
function agentOfVersions(min: number, max: number): Promise<string> {
  return agentThat({
    describe: (_: unknown, callback: (error: null, response: unknown) => void) =>
      callback(null, { ...DESCRIPTION, minProtocolVersion: min, maxProtocolVersion: max }),
  });
}

/** A server that answers as told. @returns its address */
async function agentThat(
  answers: UntypedServiceImplementation,
  service = loadAgentProto().BenchmarkAgent.service,
): Promise<string> {
  const server = new Server();
  server.addService(service, answers);
  closers.push(() => server.forceShutdown());
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  return `127.0.0.1:${port}`;
}

describe('the agent client', () => {
  it('says that nobody answers, and how to start an agent', async () => {
    const address = `127.0.0.1:${await freePort()}`;
    await expect(client(address).describe()).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: `No agent answers at ${address}; start one with at-agent serve --port ${address.split(':')[1]}.`,
    });
    expect(await client(address).isServing()).toBe(false);
  });

  it('names both versions when they have none in common, and which side to update', async () => {
    const newer = client(await agentOfVersions(PROTOCOL_VERSION + 1, PROTOCOL_VERSION + 3));
    await expect(newer.describe()).rejects.toMatchObject({
      code: 'INCOMPATIBLE_VERSION',
      message: expect.stringMatching(/speaks versions 2 to 4 .* this trainer version 1; update the trainer\.$/),
    });
    const older = client(await agentOfVersions(0, 0));
    await expect(older.describe()).rejects.toMatchObject({ message: expect.stringContaining('update the agent') });
    const wider = client(await agentOfVersions(PROTOCOL_VERSION, PROTOCOL_VERSION + 1));
    expect((await wider.describe()).deviceId).toBe(DESCRIPTION.deviceId);
  });

  it('refuses what is not HOST:PORT', () => {
    for (const address of ['', 'host', ':50051', '127.0.0.1:0', '127.0.0.1:99999', 'http://a:1', 'a b:1', '::1:5']) {
      expect(() => connectAgent(address)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
    }
    for (const address of ['localhost:50051', '[::1]:50051']) client(address);
  });

  it('believes no agent that gives two outcomes', async () => {
    const address = await agentThat({
      benchmark: (call: ServerWritableStream<unknown, unknown>) => {
        for (const kind of ['OUTCOME_KIND_CRASHED', 'OUTCOME_KIND_TIMEOUT'] as const)
          call.write({ outcome: outcome(kind) });
        call.end();
      },
    });
    await expect(client(address).benchmark(request())).rejects.toMatchObject({
      code: 'NOT_BELIEVED',
      message: expect.stringContaining('two outcomes'),
    });
  });

  it('refuses an answer that would take far more memory than it has bytes, before it is decoded', async () => {
    const { service } = loadAgentProto().BenchmarkAgent;
    // A million empty backends: two bytes each, and hundreds decoded. The tag is field 6, length-delimited.
    const bytes = Buffer.alloc(2_000_000, Buffer.from([(6 << 3) | 2, 0]));
    const address = await agentThat(
      { describe: (_: unknown, callback: (error: null, response: unknown) => void) => callback(null, bytes) },
      { ...service, Describe: { ...service.Describe, responseSerialize: (response) => response as never as Buffer } },
    );
    const before = process.memoryUsage.rss();
    await expect(client(address).describe()).rejects.toMatchObject({
      code: 'NOT_BELIEVED',
      message: `The answer of the agent at ${address} cannot be read (it has more parts than any true answer); update at-agent there, or leave it out.`,
    });
    expect(process.memoryUsage.rss() - before).toBeLessThan(100e6);
  });

  it('does not hang on a server that is no agent', async () => {
    const server = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closers.push(() => server.close());
    const { port } = server.address() as AddressInfo;
    await expect(client(`127.0.0.1:${port}`).describe()).rejects.toBeInstanceOf(AlphaTensorError);
  });
});

describe('a gRPC status as an error of ours', () => {
  const from = (code: status, details: string, entries: Record<string, string> = {}): AlphaTensorError => {
    const metadata = new Metadata();
    for (const [key, value] of Object.entries(entries)) metadata.set(key, value);
    return fromGrpc(Object.assign(new Error(`${code}: ${details}`), { code, details, metadata }), 'h:1');
  };

  it('keeps the field and the finer code', () => {
    expect(from(status.INVALID_ARGUMENT, 'M is 0.', { [ERROR_METADATA.field]: 'problem.m' })).toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: 'M is 0.',
      details: { field: 'problem.m' },
    });
    const notExact = from(status.INVALID_ARGUMENT, 'No.', { [ERROR_METADATA.code]: 'NOT_A_FACTORIZATION' });
    expect(notExact.code).toBe('NOT_A_FACTORIZATION');
  });

  it('tells what may be retried from what may not', () => {
    const retried = [
      status.UNAVAILABLE,
      status.CANCELLED,
      status.DEADLINE_EXCEEDED,
      status.RESOURCE_EXHAUSTED,
      status.INTERNAL,
      status.UNAUTHENTICATED,
    ];
    for (const code of retried) expect(isInfrastructure(from(code, 'x'))).toBe(true);
    const final = [status.INVALID_ARGUMENT, status.FAILED_PRECONDITION, status.UNIMPLEMENTED, status.NOT_FOUND];
    for (const code of final) expect(isInfrastructure(from(code, 'x'))).toBe(false);
    for (const said of [
      'Received message larger than max (9 vs. 8)',
      'Attempted to send message with a size larger than 8',
    ]) {
      expect(isInfrastructure(from(status.RESOURCE_EXHAUSTED, said))).toBe(false);
    }
    const answer = from(status.RESOURCE_EXHAUSTED, 'Received message larger than max (9 vs. 8)');
    expect(answer.code).toBe('NOT_BELIEVED');
    expect(answer.message).toMatch(/^The answer of the agent .* update at-agent there, or leave it out\.$/);
    const request = from(status.RESOURCE_EXHAUSTED, 'Attempted to send message with a size larger than 8');
    expect(request.message).toMatch(/use fewer recursion levels\.$/);
    expect(isInfrastructure(new TypeError('a bug'))).toBe(false);
  });

  it('reads how long to wait', () => {
    expect(retryAfterMs(from(status.RESOURCE_EXHAUSTED, 'Full.', { [ERROR_METADATA.retryAfterMs]: '5000' }))).toBe(
      5000,
    );
    expect(retryAfterMs(from(status.RESOURCE_EXHAUSTED, 'Full.'))).toBeUndefined();
  });
});

describe('the version of the protocol', () => {
  const common = (minProtocolVersion: number, maxProtocolVersion: number) =>
    commonVersion({ minProtocolVersion, maxProtocolVersion });

  it('is the newest that both sides speak', () => {
    expect(common(MIN_PROTOCOL_VERSION, PROTOCOL_VERSION)).toBe(PROTOCOL_VERSION);
    expect(common(1, PROTOCOL_VERSION + 3)).toBe(PROTOCOL_VERSION);
    expect(common(PROTOCOL_VERSION + 1, PROTOCOL_VERSION + 3)).toBeUndefined();
    expect(common(0, MIN_PROTOCOL_VERSION - 1)).toBeUndefined();
  });
});
