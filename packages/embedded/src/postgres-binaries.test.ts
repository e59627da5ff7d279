import { randomUUID } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readlink, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { postgresBinaries } from './postgres-binaries.ts';
import { postgresIdentity } from './postgres-identity.ts';

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** A package whose `postgres` runs only beside the library link that the package could not carry. */
async function fakePackage(version: string): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'capstan-fake-'));
  cleanups.push(() => rm(root, { recursive: true, force: true }));
  const native = join(root, 'native');
  await mkdir(join(native, 'bin'), { recursive: true });
  await mkdir(join(native, 'lib'));
  await writeFile(join(root, 'package.json'), JSON.stringify({ version }));
  await writeFile(join(native, 'lib/libx.so.1'), '');
  const links = [{ source: 'native/lib/libx.so.1', target: 'native/lib/libx.so' }];
  await writeFile(join(native, 'pg-symlinks.json'), JSON.stringify(links));
  const script = '#!/bin/sh\n[ -e "$(dirname "$0")/../lib/libx.so" ] && echo "postgres 18.4"\n';
  await writeFile(join(native, 'bin/postgres'), script);
  await chmod(join(native, 'bin/postgres'), 0o755);
  return native;
}

test('completes the installed package and uses it where it is', async () => {
  const native = await fakePackage('1.0.0');
  await chmod(dirname(native), 0o755);
  const found = await postgresBinaries(await postgresIdentity(), native);
  expect(found).toEqual({
    initdb: join(native, 'bin/initdb'),
    postgres: join(native, 'bin/postgres'),
    version: '18.4',
  });
  expect(await readlink(join(native, 'lib/libx.so'))).toBe('libx.so.1');
});

test('copies a package that this user can neither reach nor complete, once', async () => {
  const version = `test-${randomUUID()}`;
  const native = await fakePackage(version);
  await chmod(join(native, 'lib'), 0o555);
  cleanups.push(() => chmod(join(native, 'lib'), 0o755));
  const identity = await postgresIdentity();
  const both = await Promise.all([1, 2].map(() => postgresBinaries(identity, native)));
  const copy = dirname(dirname(dirname(both[0]?.postgres ?? '')));
  cleanups.push(() => rm(copy, { recursive: true, force: true }));
  expect(copy).toContain(join(tmpdir(), `capstan-postgres-${version}`));
  expect(new Set(both.map((found) => found.postgres)).size).toBe(1);
  expect(await postgresBinaries(identity, native)).toEqual(both[0]);
});

test('says what to do when no copy runs either', async () => {
  const native = await fakePackage(`test-${randomUUID()}`);
  await writeFile(join(native, 'bin/postgres'), '#!/bin/sh\nexit 1\n');
  const refused = await postgresBinaries(await postgresIdentity(), native).catch((e: unknown) => e);
  expect(refused).toMatchObject({
    code: 'EMBEDDED.POSTGRES_MISSING',
    why: expect.stringMatching(/cannot be run/),
    fix: expect.stringContaining('npm ci'),
  });
  const copy = /^(\S+)\/native\/bin/.exec((refused as { why: string }).why)?.[1] ?? '';
  expect(copy).toContain('capstan-postgres-test-');
  await rm(copy, { recursive: true, force: true });
});
