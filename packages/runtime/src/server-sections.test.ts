import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defineConfig, loadConfig } from './config.ts';
import type { Environment } from './config-source.ts';
import { platformSections } from './platform-sections.ts';
import { natsAccess, postgresAddress } from './server-sections.ts';

const schema = defineConfig(platformSections);
const loaded = (environment: Environment) => loadConfig(schema, { environment }).config;
let folder = '';
let secretFile = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'capstan-sections-'));
  secretFile = join(folder, 'password');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('NATS', () => {
  it('is spoken to without a user unless one is given, and streams are made', () => {
    expect(natsAccess(loaded({}).nats)).toEqual({
      servers: ['nats://127.0.0.1:4222'],
      makeStreams: true,
      replicas: 1,
      firstConnectMs: 30_000,
    });
  });

  it('asks for the password in a mounted file as it is at the time', () => {
    writeFileSync(secretFile, 'first\n');
    const { nats } = loaded({
      CAPSTAN_NATS__USER: 'risk',
      CAPSTAN_NATS__PASSWORD_FILE: secretFile,
      CAPSTAN_NATS__TLS__CA_FILE: '/ca.crt',
      CAPSTAN_NATS__MAKE_STREAMS: 'false',
    });
    const { credentials, tls, makeStreams } = natsAccess(nats);
    expect([tls, makeStreams]).toEqual([{ caFile: '/ca.crt' }, false]);
    expect(credentials?.()).toEqual({ user: 'risk', password: 'first' });
    writeFileSync(secretFile, 'second\n');
    expect(credentials?.()).toEqual({ user: 'risk', password: 'second' });
  });

  it.each([
    [{ CAPSTAN_NATS__USER: 'risk' }, /user belongs to password/],
    [
      {
        CAPSTAN_NATS__PASSWORD: 'x',
        CAPSTAN_NATS__PASSWORD_FILE: '/y',
        CAPSTAN_NATS__USER: 'risk',
      },
      /exclude each other/,
    ],
    [{ CAPSTAN_NATS__TLS__CERT_FILE: '/c' }, /certFile and keyFile belong together/],
  ])('refuses %o', (environment, why) => {
    expect(() => loaded(environment)).toThrow(why);
  });
});

describe('PostgreSQL', () => {
  it('is entered with the password in a mounted file, whatever characters it has', () => {
    writeFileSync(secretFile, 'p@ss/w%rd:#?\n');
    const address = postgresAddress(
      loaded({
        CAPSTAN_POSTGRES__URL: 'postgresql://capstan@db:5432/capstan?application_name=x',
        CAPSTAN_POSTGRES__PASSWORD_FILE: secretFile,
      }).postgres,
    );
    const { url } = address();
    expect(decodeURIComponent(new URL(url).password)).toBe('p@ss/w%rd:#?');
    expect(new URL(url).search).toBe('?application_name=x');
    writeFileSync(secretFile, 'second');
    expect(address().url).toContain('capstan:second@db');
  });

  it('is given the texts of its certificates as they are at the time', () => {
    writeFileSync(secretFile, 'PEM');
    const { postgres } = loaded({ CAPSTAN_POSTGRES__TLS__CA_FILE: secretFile });
    expect(postgresAddress(postgres)()).toMatchObject({ tls: { ca: 'PEM' } });
  });

  it('says which key names a file that cannot be read', () => {
    const file = join(folder, 'absent');
    const { postgres } = loaded({ CAPSTAN_POSTGRES__PASSWORD_FILE: file });
    expect(postgresAddress(postgres)).toThrow(/postgres\.passwordFile names .*absent.*ENOENT/);
  });
});
