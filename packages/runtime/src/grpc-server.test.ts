import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, credentials, type MethodDefinition, type ServiceError } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { service as healthDefinition, protoPath } from 'grpc-health-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type GrpcServer, listenAddress, startGrpc } from './grpc-server.ts';
import { createHealth, type HealthState } from './health.ts';

const PROTO = `syntax = "proto3";
package tiny.v1;
message Ask { string text = 1; }
service EchoService { rpc Echo(Ask) returns (Ask); }
`;

let folder = '';
let health: HealthState;
let server: GrpcServer;
let client: Client;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'capstan-grpc-'));
  await writeFile(join(folder, 'tiny.proto'), PROTO);
  const loaded = loadSync('tiny.proto', { includeDirs: [folder] });
  const definition = loaded['tiny.v1.EchoService'] as never;
  health = createHealth();
  server = await startGrpc({
    host: '127.0.0.1',
    port: 0,
    healthState: health,
    services: [
      {
        definition,
        implementation: {
          Echo: (call: { request: { text: string } }, done: (e: null, r: object) => void) =>
            done(null, { text: `${call.request.text}!` }),
        },
      },
    ],
    reflection: { root: folder, files: ['tiny.proto'] },
  });
  client = new Client(`127.0.0.1:${server.port}`, credentials.createInsecure());
});
afterEach(async () => {
  client.close();
  await server.stop(500);
  await rm(folder, { recursive: true, force: true });
});

test.each([
  ['0.0.0.0', '0.0.0.0:9090'],
  ['::', '[::]:9090'],
])('listens at %s', (host, address) => {
  expect(listenAddress({ host, port: 9_090 })).toBe(address);
});

function call(method: MethodDefinition<object, object>, request: object): Promise<unknown> {
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(
      method.path,
      method.requestSerialize,
      method.responseDeserialize,
      request,
      (error: ServiceError | null, answer?: object) => (error ? reject(error) : resolve(answer)),
    );
  });
}

const check = (service: string): Promise<unknown> =>
  call(healthDefinition.Check as MethodDefinition<object, object>, { service });

test('serves the given implementation', async () => {
  const loaded = loadSync('tiny.proto', { includeDirs: [folder] });
  const echo = (loaded['tiny.v1.EchoService'] as Record<string, unknown>).Echo;
  expect(await call(echo as MethodDefinition<object, object>, { text: 'hi' })).toEqual({
    text: 'hi!',
  });
});

test('answers the health protocol from the health of the service', async () => {
  expect(protoPath).toContain('health.proto');
  expect(await check('')).toMatchObject({ status: 'NOT_SERVING' });
  health.setPhase('started');
  await server.refreshHealth();
  expect(await check('')).toMatchObject({ status: 'SERVING' });
  expect(await check('tiny.v1.EchoService')).toMatchObject({ status: 'SERVING' });
  health.addChecks({ nats: () => ({ ok: false, reason: 'away' }) });
  await server.refreshHealth();
  expect(await check('tiny.v1.EchoService')).toMatchObject({ status: 'NOT_SERVING' });
  await expect(check('other.Service')).rejects.toThrow('NOT_FOUND');
});

test('tells by reflection what it serves', async () => {
  const listed = await new Promise<string>((resolve, reject) => {
    const raw = (bytes: Buffer): Buffer => bytes;
    const path = '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo';
    const stream = client.makeBidiStreamRequest(path, raw, raw);
    stream.on('data', (bytes: Buffer) => resolve(bytes.toString('latin1')));
    stream.on('error', reject);
    stream.write(Buffer.from([0x3a, 0x00])); // list_services = 7, empty
    stream.end();
  });
  expect(listed).toContain('tiny.v1.EchoService');
});

test('refuses a taken port by the key that sets it', async () => {
  const again = startGrpc({
    host: '127.0.0.1',
    port: server.port,
    healthState: health,
    services: [],
  });
  await expect(again).rejects.toMatchObject({
    code: 'RUNTIME.PORT_TAKEN',
    fix: expect.stringContaining("'server.grpcPort'"),
  });
});
