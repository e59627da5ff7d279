import { readFileSync } from 'node:fs';
import { AppError } from '@capstan/domain';
import { z } from 'zod';

const path = () => z.string().min(1);

/** Files by which a connection is encrypted. */
const tlsOf = (server: string) =>
  z
    .strictObject({
      caFile: path()
        .optional()
        .describe(`Certificates that vouch for ${server}'s; the system's unless given.`),
      certFile: path().optional().describe(`Our own certificate, where ${server} asks for one.`),
      keyFile: path().optional().describe('The key of our own certificate.'),
    })
    .refine(
      ({ certFile, keyFile }) => (certFile === undefined) === (keyFile === undefined),
      'certFile and keyFile belong together: give both, or neither',
    )
    .optional()
    .describe(`Encrypts the connection to ${server}; files are read anew at each connection.`);

const password = () => z.string().min(1).meta({ secret: true }).optional();

const isOne = (...given: readonly (string | undefined)[]): boolean =>
  given.filter((one) => one !== undefined).length <= 1;

/** Where NATS is, and as who we come. */
export const natsSection = z
  .strictObject({
    url: path()
      .default('nats://127.0.0.1:4222')
      .describe('The NATS server, with JetStream; several of one cluster with commas between.'),
    user: path().optional().describe('Our name there, such as risk; no user unless given.'),
    password: password().describe('The password of the user.'),
    passwordFile: path()
      .optional()
      .describe('A file that holds the password; read anew at each connection.'),
    credentialsFile: path()
      .optional()
      .describe('A credentials file (JWT and seed), read anew at each connection.'),
    tls: tlsOf('NATS'),
    makeStreams: z
      .boolean()
      .default(true)
      .describe(
        "False only sees that the streams are there, where our user may not make them: 'capstan bus prepare' does.",
      ),
    replicas: z.int().min(1).max(5).default(1).describe('Copies of each stream in a NATS cluster.'),
    waitSeconds: z
      .int()
      .min(1)
      .max(3_600)
      .default(30)
      .describe('How long a start waits for NATS, and for its streams where others make them.'),
  })
  .refine(
    (nats) => isOne(nats.password, nats.passwordFile, nats.credentialsFile),
    'password, passwordFile and credentialsFile exclude each other',
  )
  .refine(
    ({ user, ...nats }) =>
      (user === undefined) === (nats.password === undefined && nats.passwordFile === undefined),
    'user belongs to password or passwordFile',
  );

/** Where PostgreSQL is, and what lets us in. */
export const postgresSection = z
  .strictObject({
    url: path()
      .default('postgresql://postgres@127.0.0.1:5432/capstan')
      .meta({ secret: true })
      .describe('The PostgreSQL database; the URL may hold a password and is never shown.'),
    password: password().describe('The password of the URL’s user, where the URL has none.'),
    passwordFile: path()
      .optional()
      .describe('A file that holds the password; read anew at each connection.'),
    tls: tlsOf('PostgreSQL'),
    poolMax: z.int().min(1).max(100).default(8).describe('Most connections of one process.'),
  })
  .refine(
    (postgres) => isOne(postgres.password, postgres.passwordFile),
    'password and passwordFile exclude each other',
  );

export type NatsSection = z.output<typeof natsSection>;
export type PostgresSection = z.output<typeof postgresSection>;

/** How a connection to NATS is opened, by a section. */
export interface NatsAccess {
  readonly servers: readonly string[];
  readonly credentials?: () =>
    | { readonly user: string; readonly password: string }
    | { readonly credentialsText: string };
  readonly tls?: NatsSection['tls'];
  readonly makeStreams: boolean;
  readonly replicas: number;
  readonly firstConnectMs: number;
}

/** Returns how to connect to NATS. Files of secrets are read when they are asked for. */
export function natsAccess(section: NatsSection): NatsAccess {
  const { url, makeStreams, replicas, waitSeconds } = section;
  const credentials = natsCredentials(section);
  return {
    servers: url.split(','),
    makeStreams,
    replicas,
    firstConnectMs: waitSeconds * 1_000,
    ...(credentials === undefined ? {} : { credentials }),
    ...(section.tls === undefined ? {} : { tls: section.tls }),
  };
}

function natsCredentials(section: NatsSection): NatsAccess['credentials'] {
  const { user, password: text, passwordFile, credentialsFile } = section;
  if (credentialsFile !== undefined) {
    return () => ({ credentialsText: readSecret('nats.credentialsFile', credentialsFile) });
  }
  if (user === undefined) return undefined;
  if (passwordFile === undefined) return () => ({ user, password: text ?? '' });
  return () => ({ user, password: readSecret('nats.passwordFile', passwordFile) });
}

/** Where a database is, and what lets us in, as it is now. */
export interface PostgresAddress {
  readonly url: string;
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string };
}

/** Returns what tells where the database is; it reads the files of secrets at each call. @throws CONFIG.FILE */
export function postgresAddress(section: PostgresSection): () => PostgresAddress {
  return () => {
    const { passwordFile, tls: files } = section;
    const text =
      passwordFile === undefined
        ? section.password
        : readSecret('postgres.passwordFile', passwordFile);
    const url = text === undefined ? section.url : withPassword(section.url, text);
    return files === undefined ? { url } : { url, tls: textsOf(files) };
  };
}

function withPassword(url: string, text: string): string {
  if (!URL.canParse(url)) {
    throw new AppError({
      code: 'CONFIG.INVALID',
      why: 'postgres.url is no URL, so that no password can be put into it.',
      fix: 'Write it as postgresql://user@host:5432/capstan.',
    });
  }
  const parsed = new URL(url);
  parsed.password = encodeURIComponent(text);
  return parsed.href;
}

function textsOf(files: NonNullable<PostgresSection['tls']>): NonNullable<PostgresAddress['tls']> {
  const read = (key: string, file: string | undefined): Readonly<Record<string, string>> =>
    file === undefined ? {} : { [key]: readSecret(`postgres.tls.${key}File`, file) };
  return {
    ...read('ca', files.caFile),
    ...read('cert', files.certFile),
    ...read('key', files.keyFile),
  };
}

/** @throws CONFIG.FILE */
function readSecret(key: string, file: string): string {
  try {
    return readFileSync(file, 'utf8').trimEnd();
  } catch (cause) {
    const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
    throw new AppError({
      code: 'CONFIG.FILE',
      why: `${key} names ${file}, which cannot be read (${reason}).`,
      fix: 'Mount the secret there, or set the key to where it is.',
      cause,
    });
  }
}
