import { chown, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hasCode } from '@capstan/domain';
import { type EmbeddedPostgres, startPostgres, waitUntil } from '@capstan/embedded';
import { loopbackCertificate, MemoryLog } from '@capstan/testkit';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accessOf, type DatabaseAccess } from './database-address.ts';
import { applyMigrations, openStore } from './index.ts';
import { MIGRATIONS, SILENT } from './test-database.ts';

const server = loopbackCertificate();
const client = loopbackCertificate();
let folder = '';
let dataDir = '';
let postgres: EmbeddedPostgres;
let admin: pg.Client;

/** Writes a file into the data directory that the server may read, and nobody else. @returns how the server calls it. */
async function ofServer(name: string, text: string): Promise<string> {
  const path = join(dataDir, name);
  await writeFile(path, text, { mode: 0o600 });
  const { uid, gid } = await stat(dataDir);
  await chown(path, uid, gid);
  return name;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'capstan-access-'));
  dataDir = join(folder, 'postgres');
  postgres = await startPostgres({ dataDir });
  admin = new pg.Client({ connectionString: await postgres.createDatabase('capstan') });
  await admin.connect();
  await admin.query("CREATE ROLE rotating LOGIN PASSWORD 'first'");
  await admin.query('CREATE ROLE "127.0.0.1" LOGIN');
  await admin.query('ALTER DATABASE capstan OWNER TO "127.0.0.1"');
  await admin.query(`ALTER SYSTEM SET ssl_cert_file = '${await ofServer('tls.pem', server.cert)}'`);
  await admin.query(`ALTER SYSTEM SET ssl_key_file = '${await ofServer('tls.key', server.key)}'`);
  await admin.query(`ALTER SYSTEM SET ssl_ca_file = '${await ofServer('ca.pem', client.cert)}'`);
  await admin.query('ALTER SYSTEM SET ssl = on');
  const trusted = await readFile(join(dataDir, 'pg_hba.conf'), 'utf8');
  const rules = [
    'host capstan rotating all scram-sha-256',
    'hostssl capstan 127.0.0.1 all cert',
    'host capstan 127.0.0.1 all reject',
  ];
  await ofServer('pg_hba.conf', `${rules.join('\n')}\n${trusted}`);
  await admin.query('SELECT pg_reload_conf()');
  const isOn = async () => (await admin.query('SHOW ssl')).rows[0].ssl === 'on';
  expect(await waitUntil(isOn, 10_000)).toBe(true);
}, 60_000);
afterAll(async () => {
  await admin.end();
  await postgres.stop();
  await rm(folder, { recursive: true, force: true, maxRetries: 3 });
});

const urlOf = (user: string, password = '', host = 'localhost'): string =>
  `postgresql://${user}${password === '' ? '' : `:${password}`}@${host}:${postgres.port}/capstan`;

describe('a database that asks for TLS and a certificate', () => {
  const tls = { ca: server.cert, cert: client.cert, key: client.key };

  it('is migrated, read and written with both', async () => {
    const address = (): DatabaseAccess => ({ url: urlOf('127.0.0.1'), tls });
    expect((await applyMigrations(address, MIGRATIONS)).length).toBeGreaterThan(0);
    const opened = openStore({ url: address, log: SILENT });
    try {
      await opened.checkSchema();
      expect(await opened.store.bots({})).toEqual([]);
      expect(await opened.store.orders({ limit: 1 })).toEqual([]);
    } finally {
      await opened.close();
    }
  });

  it('refuses one who has none', async () => {
    const opened = openStore({ url: urlOf('127.0.0.1'), log: SILENT });
    await expect(opened.ping()).rejects.toSatisfy((error) => hasCode(error, 'STORE.UNAVAILABLE'));
    await opened.close();
  });

  it('is not spoken to where nobody vouches for its certificate', async () => {
    const strict = { ...tls, ca: client.cert };
    const opened = openStore({
      url: () => ({ url: urlOf('127.0.0.1'), tls: strict }),
      log: SILENT,
    });
    const said = opened.ping().catch((error: unknown) => String(error));
    expect(await said).toMatch(/self-signed certificate|unable to verify/);
    await opened.close();
  });
});

describe('a password that changes', () => {
  it('is taken by the next connection; those that there are go on', async () => {
    let password = 'first';
    const url = (): DatabaseAccess => ({ url: urlOf('rotating', password) });
    const opened = openStore({ url, poolMax: 1, idleCloseMs: 1, log: SILENT });
    try {
      await opened.ping();
      await admin.query("ALTER ROLE rotating PASSWORD 'second'");
      const isOut = async () => (await opened.ping().catch(() => 'refused')) === 'refused';
      expect(await waitUntil(isOut, 5_000)).toBe(true);
      password = 'second';
      await opened.ping();
    } finally {
      await opened.close();
    }
  });

  it('stays what it was while it cannot be read, and that is said', () => {
    const log = new MemoryLog();
    let readable = true;
    const access = accessOf(() => {
      if (!readable) throw new Error('gone');
      return { url: 'postgresql://a@b/c' };
    }, log);
    readable = false;
    expect(access()).toEqual({ url: 'postgresql://a@b/c' });
    expect(log.lines.map(({ level }) => level)).toEqual(['error']);
  });
});
