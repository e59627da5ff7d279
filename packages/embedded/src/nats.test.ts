import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { freePort } from './free-port.ts';
import { type EmbeddedNats, type NatsOptions, natsConfig, startNats } from './nats.ts';
import { findNatsServer, isNewEnough } from './nats-binary.ts';
import { isAlive } from './process-alive.ts';

const cleanups: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'capstan-nats-'));
  cleanups.push(() => rm(path, { recursive: true, force: true }));
  return path;
}

async function start(options: NatsOptions): Promise<EmbeddedNats> {
  const server = await startNats(options);
  cleanups.push(() => server.stop());
  return server;
}

/** Writes a program that only tells its version, and returns how often a fetch wrote one. */
async function fakeServer(path: string, version: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, `#!/bin/sh\necho "nats-server: v${version}"\n`);
  await chmod(path, 0o755);
}

async function jetstreamState(httpPort: number): Promise<unknown> {
  const response = await fetch(`http://127.0.0.1:${httpPort}/jsz`);
  const body: unknown = await response.json();
  return body;
}

test('serves JetStream from its folder, stops, and starts there again', async () => {
  const dataDir = join(await folder(), 'data');
  const [port, httpPort] = [await freePort(), await freePort()];
  const first = await start({ dataDir, port, httpPort });
  expect(first.url).toBe(`nats://127.0.0.1:${port}`);
  expect(await jetstreamState(httpPort)).toMatchObject({
    config: { store_dir: expect.stringContaining(dataDir) },
  });
  expect((await first.stop()).expected).toBe(true);
  expect(isAlive(first.pid)).toBe(false);

  const second = await start({ dataDir, port });
  process.kill(second.pid, 'SIGKILL');
  expect(await second.exited).toMatchObject({ signal: 'SIGKILL', expected: false });
  expect(await readFile(join(dataDir, 'nats.pid'), 'utf8')).toContain(String(second.pid));
  const third = await start({ dataDir, port });
  expect(isAlive(third.pid)).toBe(true);
});

test('refuses a data directory that a live server uses', async () => {
  const dataDir = await folder();
  const first = await start({ dataDir });
  await expect(startNats({ dataDir })).rejects.toMatchObject({
    code: 'EMBEDDED.DATA_DIR_IN_USE',
    details: { pid: first.pid },
  });
});

test('names the holder of a taken port and the key to change', async () => {
  const squatter = createServer();
  const port = await freePort();
  await new Promise<void>((resolve) => squatter.listen(port, '127.0.0.1', resolve));
  cleanups.push(() => new Promise((resolve) => squatter.close(resolve)));
  await expect(
    startNats({ dataDir: await folder(), port, portKey: 'nats.port' }),
  ).rejects.toMatchObject({
    code: 'EMBEDDED.PORT_TAKEN',
    details: { port, holderPid: process.pid },
    fix: "Stop that process, or set 'nats.port' to another port.",
  });
  await expect(
    startNats({ dataDir: await folder(), httpPort: port, httpPortKey: 'nats.httpPort' }),
  ).rejects.toMatchObject({ fix: expect.stringContaining("'nats.httpPort'") });
});

test('says what the server said when it cannot start', async () => {
  const started = startNats({ dataDir: await folder(), syncInterval: 'nonsense' });
  await expect(started).rejects.toMatchObject({
    code: 'EMBEDDED.START_FAILED',
    why: expect.stringContaining('nonsense'),
  });
});

test('flushes every second unless told otherwise', () => {
  expect(natsConfig({ dataDir: '/x' }, 4222)).toContain('sync_interval: 1s');
  // Whatever is free on the disk.
  expect(natsConfig({ dataDir: '/x' }, 4222)).toContain(`max_file_store: ${32 * 1024 ** 3}`);
  const config = natsConfig({ dataDir: '/x', syncInterval: 'always', storeBytesMax: 5 }, 4222);
  expect(config).toContain('sync_interval: always');
  expect(config).toContain('max_file_store: 5');
  expect(config).toContain('listen: "127.0.0.1:4222"');
});

test('takes the first new enough server on the search path', async () => {
  const root = await folder();
  await fakeServer(join(root, 'bin/nats-server'), '2.11.3');
  const found = await findNatsServer({ searchPath: join(root, 'bin'), cacheDir: root });
  expect(found).toBe(join(root, 'bin/nats-server'));
});

test('refuses a named server that is too old or does not run', async () => {
  const root = await folder();
  await fakeServer(join(root, 'nats-server'), '2.9.10');
  await expect(findNatsServer({ binary: join(root, 'nats-server') })).rejects.toMatchObject({
    code: 'EMBEDDED.NATS_UNUSABLE',
    why: expect.stringContaining('2.9.10'),
  });
  await expect(findNatsServer({ binary: join(root, 'absent') })).rejects.toMatchObject({
    why: expect.stringContaining('cannot be run'),
  });
});

test('fetches once when several want it at the same time, and skips an old one on the path', async () => {
  const root = await folder();
  await fakeServer(join(root, 'bin/nats-server'), '2.9.10');
  let fetches = 0;
  const fetchInto = async (draft: string): Promise<void> => {
    fetches += 1;
    await fakeServer(join(draft, 'usr/sbin/nats-server'), '2.10.27');
  };
  const options = { searchPath: join(root, 'bin'), cacheDir: join(root, 'cache'), fetchInto };
  const found = await Promise.all([1, 2, 3].map(() => findNatsServer(options)));
  expect(new Set(found)).toEqual(new Set([join(root, 'cache/server/usr/sbin/nats-server')]));
  expect(fetches).toBe(1);
  expect(await readdir(join(root, 'cache'))).toEqual(['server']);
});

test('takes over the fetch lock of a dead process', async () => {
  const root = await folder();
  const gone = await start({ dataDir: join(root, 'nats') });
  await gone.stop();
  await writeFile(join(root, 'fetch.lock'), String(gone.pid));
  const fetchInto = (draft: string): Promise<void> =>
    fakeServer(join(draft, 'usr/sbin/nats-server'), '2.10.27');
  const found = await findNatsServer({ searchPath: root, cacheDir: root, fetchInto });
  expect(found).toBe(join(root, 'server/usr/sbin/nats-server'));
});

test('says what to install when nothing is found and the fetch fails', async () => {
  const root = await folder();
  const fetchInto = (): Promise<void> => Promise.reject(new Error('the mirror is away'));
  const options = { searchPath: join(root, 'bin'), cacheDir: root, fetchInto };
  await expect(findNatsServer(options)).rejects.toMatchObject({
    code: 'EMBEDDED.NATS_MISSING',
    why: expect.stringContaining('the mirror is away'),
    fix: expect.stringMatching(/apt-get install nats-server.*brew install nats-server/),
  });
  const wrong = (draft: string): Promise<void> =>
    fakeServer(join(draft, 'usr/sbin/nats-server'), '2.9.0');
  await expect(findNatsServer({ ...options, fetchInto: wrong })).rejects.toMatchObject({
    why: expect.stringContaining('too old'),
  });
  expect(await readdir(root)).toEqual([]);
});

test('compares versions by their numbers', () => {
  const answers = ['2.9.25', '2.10.0', '2.11.1-RC.2', '3.0.0', '1.12.0'].map(isNewEnough);
  expect(answers).toEqual([false, true, true, true, false]);
});
