import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hasCode } from '@capstan/domain';
import { type EmbeddedNats, freePort, startNats, waitUntil } from '@capstan/embedded';
import { type LoopbackCertificate, loopbackCertificate, MemoryLog } from '@capstan/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { natsAuthorization } from './authorization.ts';
import { outgoing, silentLog } from './bus.test-support.ts';
import { type BusConnection, type BusOptions, connectBus } from './connect-bus.ts';
import { connectionName } from './permissions.ts';

let folder = '';
let open: BusConnection[] = [];
const servers: EmbeddedNats[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'capstan-access-'));
});
afterAll(async () => {
  for (const server of servers) await server.stop();
  await rm(folder, { recursive: true, force: true, maxRetries: 3 });
});

async function started(
  name: string,
  furtherConfig: string,
  options: { readonly port?: number; readonly log?: (line: string) => void } = {},
): Promise<EmbeddedNats> {
  const server = await startNats({ ...options, dataDir: join(folder, name), furtherConfig });
  servers.push(server);
  return server;
}

async function connected(options: BusOptions): Promise<BusConnection> {
  const bus = await connectBus(options);
  open.push(bus);
  return bus;
}

async function closeAll(): Promise<void> {
  for (const bus of open) await bus.close();
  open = [];
}

describe('a server that is told who may do what', () => {
  const said: string[] = [];
  let url = '';
  const as = (user: string, more: Partial<BusOptions> = {}): Promise<BusConnection> =>
    connected({
      servers: url,
      name: connectionName(user),
      credentials: { user, password: `of-${user}` },
      makeStreams: user === 'setup',
      firstConnectMs: 5_000,
      log: silentLog,
      ...more,
    });
  const violations = (): readonly string[] => said.filter((line) => /Violation/.test(line));

  beforeAll(async () => {
    const config = natsAuthorization((user) => JSON.stringify(`of-${user}`));
    const server = await started('permissions', config, { log: (line) => said.push(line) });
    url = server.url;
  });
  afterAll(closeAll);

  it('keeps a service waiting until the streams are made, and says what is missing', async () => {
    const log = new MemoryLog();
    const waits: string[] = [];
    const early = as('signal', { log, onWait: ({ message }) => void waits.push(message) });
    const isTold = () => log.lines.some(({ message }) => /does not have the stream/.test(message));
    expect(await waitUntil(isTold, 4_000)).toBe(true);
    expect(waits[0]).toMatch(/does not have the stream .*capstan bus prepare/);
    const setup = await as('setup');
    await setup.prepareWork('backtest.work.run');
    await early;
    await expect(as('risk')).resolves.toBeDefined();
    expect(violations()).toEqual([]);
  });

  it('takes an approval from risk, and from nobody else', async () => {
    const [risk, signal] = [await as('risk'), await as('signal')];
    await risk.bus.publish([outgoing('trading.approved.paper', 'by risk')]);
    await signal.bus.publish([outgoing('trading.signal.cross', 'by signal')]);
    const forged = signal.bus.publish([outgoing('trading.approved.paper', 'forged')]);
    await expect(forged).rejects.toSatisfy((error) => hasCode(error, 'BUS.FORBIDDEN'));
    const newest = await risk.bus.newest('TRADING', 'trading.approved.paper');
    expect(new TextDecoder().decode(newest?.data)).toBe('by risk');
    expect(violations()).toHaveLength(1);
    expect(violations()[0]).toContain('trading.approved.paper');
  });

  it('lets a service neither make a stream nor hear the answers of another', async () => {
    const before = violations().length;
    const mine = {
      name: 'MINE',
      subjects: ['mine.>'],
      retention: 'limits',
      discard: 'old',
    } as const;
    const made = as('gateway', { makeStreams: true, streams: [mine] });
    await expect(made).rejects.toSatisfy((error) => hasCode(error, 'BUS.FORBIDDEN'));
    const gateway = await as('gateway');
    await gateway.bus.listen('_INBOX.capstan-risk.>');
    const isRefused = () => violations().length === before + 2;
    expect(await waitUntil(isRefused, 5_000)).toBe(true);
  });

  it('lets the gateway see how much work waits, and take none', async () => {
    const [gateway, worker] = [await as('gateway'), await as('backtest-worker')];
    const subject = 'backtest.work.run';
    await worker.workQueue.add(outgoing(subject, 'a job'));
    expect(await gateway.workQueue.depth(subject)).toEqual({ waiting: 1, inHand: 0 });
    const taken = gateway.workQueue.take({ subject, max: 1, waitMs: 100 });
    await expect(taken).rejects.toSatisfy((error) => hasCode(error, 'BUS.FORBIDDEN'));
    const [item] = await worker.workQueue.take({ subject, max: 1, waitMs: 5_000 });
    expect(await gateway.workQueue.depth(subject)).toEqual({ waiting: 0, inHand: 1 });
    await item?.done();
  });

  it('refuses a password that is not the user’s', async () => {
    const wrong = as('risk', { credentials: { user: 'risk', password: 'of-signal' } });
    await expect(wrong).rejects.toSatisfy((error) => hasCode(error, 'BUS.UNAUTHORIZED'));
  });
});

describe('a password that changes', () => {
  afterAll(closeAll);

  it('is read anew when the connection comes back', async () => {
    const port = await freePort();
    const withPassword = (password: string) =>
      started('rotation', `authorization { user: capstan, password: "${password}" }\n`, { port });
    const first = await withPassword('first');
    let password = 'first';
    const bus = await connected({
      servers: first.url,
      name: 'rotating',
      credentials: () => ({ user: 'capstan', password }),
      log: silentLog,
    });
    await first.stop();
    await withPassword('second');
    const stays = await waitUntil(() => bus.status().connected, 500);
    expect(stays).toBe(false);
    password = 'second';
    expect(await waitUntil(() => bus.status().connected, 10_000)).toBe(true);
  });
});

describe('a server with TLS', () => {
  const server: LoopbackCertificate = loopbackCertificate();
  const client: LoopbackCertificate = loopbackCertificate();
  const files = { ca: '', cert: '', key: '' };
  let url = '';

  beforeAll(async () => {
    const write = async (name: string, text: string): Promise<string> => {
      const path = join(folder, name);
      await writeFile(path, text, { mode: 0o600 });
      return path;
    };
    files.ca = await write('ca.pem', server.cert);
    files.cert = await write('client.pem', client.cert);
    files.key = await write('client-key.pem', client.key);
    const key = await write('server-key.pem', server.key);
    const config = `tls {
  cert_file: "${files.ca}", key_file: "${key}", ca_file: "${files.cert}", verify: true
}\n`;
    // By name: the client takes a certificate of an address for one of localhost.
    url = (await started('tls', config)).url.replace('127.0.0.1', 'localhost');
  });
  afterAll(closeAll);

  it('is reached with its certificate and the client’s own', async () => {
    const { ca: caFile, cert: certFile, key: keyFile } = files;
    const tls = { caFile, certFile, keyFile };
    const bus = await connected({ servers: url, name: 'tls', tls, log: silentLog });
    await bus.bus.publish([outgoing('trading.order.a', 'over TLS')]);
    expect(bus.status().connected).toBe(true);
  });

  it('is not trusted where nobody vouches for its certificate', async () => {
    const secure = url.replace('nats:', 'tls:');
    const bus = connectBus({ servers: secure, name: 'tls', firstConnectMs: 500, log: silentLog });
    await expect(bus).rejects.toSatisfy((error) => hasCode(error, 'BUS.UNAVAILABLE'));
  });

  it('is missed where a plain server stands in its place', async () => {
    const plain = await started('plain', '');
    const tls = { caFile: files.ca };
    const bus = connectBus({
      servers: plain.url,
      name: 'tls',
      tls,
      firstConnectMs: 500,
      log: silentLog,
    });
    await expect(bus).rejects.toSatisfy((error) => hasCode(error, 'BUS.UNAVAILABLE'));
  });
});
