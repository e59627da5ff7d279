import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { freePort } from './free-port.ts';
import { type EmbeddedPostgres, type PostgresOptions, startPostgres } from './postgres.ts';
import { identityFrom } from './postgres-identity.ts';
import { queryPostgres, quoteIdentifier, quoteLiteral } from './postgres-query.ts';
import { isAlive } from './process-alive.ts';
import { UNSAFE_FAST_FLAGS } from './test-servers.ts';

const cleanups: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'capstan-pg-'));
  cleanups.push(() => rm(path, { recursive: true, force: true }));
  return join(path, 'data');
}

async function start(options: PostgresOptions): Promise<EmbeddedPostgres> {
  const server = await startPostgres({ flags: UNSAFE_FAST_FLAGS, ...options });
  cleanups.push(() => server.stop());
  return server;
}

const ask = (server: EmbeddedPostgres, sql: string, database = 'postgres') =>
  queryPostgres({ port: server.port, user: 'postgres', database }, sql);

test('keeps what was committed over a stop and a start on the same port', async () => {
  const dataDir = await folder();
  const port = await freePort();
  const first = await start({ dataDir, port });
  expect(first.url()).toBe(`postgresql://postgres@127.0.0.1:${port}/postgres`);
  await ask(first, 'CREATE TABLE kept (n int)');
  await ask(first, 'INSERT INTO kept VALUES (7), (NULL)');
  expect(await first.stop()).toEqual({ code: 0, signal: undefined, expected: true });
  expect(isAlive(first.pid)).toBe(false);

  const second = await start({ dataDir, port });
  expect(await ask(second, 'SELECT n FROM kept')).toEqual([['7'], [null]]);
});

test('starts again after kill -9, in spite of the stale pid file', async () => {
  const dataDir = await folder();
  const first = await start({ dataDir, flags: { fsync: 'on' } });
  await ask(first, 'CREATE TABLE kept AS SELECT 1 AS n');
  process.kill(first.pid, 'SIGKILL');
  expect(await first.exited).toEqual({ code: undefined, signal: 'SIGKILL', expected: false });

  const second = await start({ dataDir });
  expect(await ask(second, 'SELECT n FROM kept')).toEqual([['1']]);
});

test('creates a database once, and copies of a template', async () => {
  const server = await start({ dataDir: await folder() });
  const url = await server.createDatabase('odd "name');
  expect(url).toBe(`postgresql://postgres@127.0.0.1:${server.port}/odd%20%22name`);
  await ask(server, 'CREATE TABLE t AS SELECT 5 AS n', 'odd "name');
  expect(await server.createDatabase('odd "name')).toBe(url);

  await server.createDatabaseFromTemplate('copy', 'odd "name');
  expect(await ask(server, 'SELECT n FROM t', 'copy')).toEqual([['5']]);
  await expect(server.createDatabaseFromTemplate('copy', 'odd "name')).rejects.toMatchObject({
    code: 'EMBEDDED.POSTGRES_QUERY',
    details: { sqlState: '42P04' },
  });
});

test('refuses a data directory that a live server uses', async () => {
  const dataDir = await folder();
  const first = await start({ dataDir });
  await expect(startPostgres({ dataDir })).rejects.toMatchObject({
    code: 'EMBEDDED.DATA_DIR_IN_USE',
    details: { pid: first.pid },
  });
  expect(await ask(first, 'SELECT 1')).toEqual([['1']]);
});

test('names the holder of a taken port and the key to change', async () => {
  const squatter = createServer();
  const port = await freePort();
  await new Promise<void>((resolve) => squatter.listen(port, '127.0.0.1', resolve));
  cleanups.push(() => new Promise((resolve) => squatter.close(resolve)));
  const refused = startPostgres({ dataDir: await folder(), port, portKey: 'postgres.port' });
  await expect(refused).rejects.toMatchObject({
    code: 'EMBEDDED.PORT_TAKEN',
    why: expect.stringContaining(`process ${process.pid} (`),
    fix: "Stop that process, or set 'postgres.port' to another port.",
  });
});

test('says what the server said when it cannot start', async () => {
  const lines: string[] = [];
  const started = startPostgres({
    dataDir: await folder(),
    flags: { no_such_setting: '1' },
    log: (line) => lines.push(line),
  });
  await expect(started).rejects.toMatchObject({
    code: 'EMBEDDED.START_FAILED',
    why: expect.stringContaining('no_such_setting'),
  });
  expect(lines.join('\n')).toContain('no_such_setting');
});

test('reports a server that cannot be reached', async () => {
  const target = { port: await freePort(), user: 'postgres', database: 'postgres' };
  await expect(queryPostgres(target, 'SELECT 1')).rejects.toMatchObject({
    code: 'EMBEDDED.POSTGRES_QUERY',
    retry: 'retryable',
  });
});

test('chooses postgres before nobody, and refuses a machine with neither', () => {
  const nobody = 'nobody:x:65534:65533::/:/bin/false';
  expect(identityFrom(`root:x:0:0::/root:/bin/sh\n${nobody}`)).toEqual({ uid: 65534, gid: 65533 });
  expect(identityFrom(`${nobody}\npostgres:x:70:71::/:/bin/sh`)).toEqual({ uid: 70, gid: 71 });
  expect(() => identityFrom('root:x:0:0::/root:/bin/sh')).toThrow('no user postgres or nobody');
});

test('quotes names and texts', () => {
  expect(quoteIdentifier('a"b')).toBe('"a""b"');
  expect(quoteLiteral("a'b")).toBe("'a''b'");
});
