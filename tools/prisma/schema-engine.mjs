#!/usr/bin/env node
// Stands in for Prisma's native `schema-engine` where that binary is absent: the same arguments and the same JSON-RPC over
// stdio, served by @prisma/schema-engine-wasm over @prisma/adapter-pg. `prisma.config.ts` points Prisma at it.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { PrismaPg } from '@prisma/adapter-pg';
import { bindMigrationAwareSqlAdapterFactory, ColumnTypeEnum } from '@prisma/driver-adapter-utils';
import * as bindings from '@prisma/schema-engine-wasm/schema_engine_bg';
import pg from 'pg';

const ADAPTER = { provider: 'postgres', adapterName: '@prisma/adapter-pg' };
/** JSON-RPC error code of the schema engine. */
const ENGINE_ERROR = 4466;
/** Type of the catalogue's one-byte "char", and of the type that the adapter takes it for here. */
const OID_CHAR = 18;
const OID_BPCHAR = 1042;

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  strict: false,
  options: {
    datamodels: { type: 'string', multiple: true },
    datasource: { type: 'string' },
    'enabled-preview-features': { type: 'string' },
    'extension-types': { type: 'string' },
    version: { type: 'boolean', short: 'V' },
  },
});
const bindingsPath = createRequire(import.meta.url).resolve(
  '@prisma/schema-engine-wasm/schema_engine_bg',
);
const url = options.datasource === undefined ? undefined : JSON.parse(options.datasource).url;

function printVersion() {
  const manifest = bindingsPath.replace(/schema_engine_bg\.js$/, 'package.json');
  const { version } = JSON.parse(readFileSync(manifest, 'utf8'));
  console.log(`schema-engine-cli ${version.split(/[.-]/).pop()}`);
}

/** `schema-engine cli can-connect-to-database | create-database | drop-database` */
async function administer(command, target) {
  const database = decodeURIComponent(target.pathname.slice(1)) || 'postgres';
  const admin = new URL(target);
  admin.pathname = '/postgres';
  admin.search = '';
  const probing = command === 'can-connect-to-database';
  const client = new pg.Client({ connectionString: (probing ? target : admin).href });
  const name = pg.escapeIdentifier(database);
  try {
    await client.connect();
    if (command === 'create-database') {
      await client.query(`CREATE DATABASE ${name}`).catch((error) => {
        if (error.code !== '42P04' && error.code !== '23505') throw error;
      });
    }
    if (command === 'drop-database') {
      await client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    }
    await client.end();
  } catch (error) {
    reportFailure(error, database, target.host);
  }
}

function reportFailure(error, database, host) {
  const absent = error.code === '3D000';
  const unreachable = error.code === 'ECONNREFUSED';
  const message = absent
    ? `Database \`${database}\` does not exist`
    : unreachable
      ? `Can't reach database server at \`${host}\``
      : error.message || String(error.code);
  const code = absent ? 'P1003' : error.code === '28P01' ? 'P1000' : 'P1001';
  const fields = { message, error_code: code, is_panic: false };
  for (const line of [
    { level: 'INFO', target: 'schema_engine', fields: { message: 'starting' } },
    { level: 'ERROR', target: 'schema_engine::logger', fields },
  ]) {
    process.stderr.write(`${JSON.stringify(line)}\n`);
  }
  process.exit(1);
}

async function serve() {
  const engine = await loadEngine();
  const open = new Set();
  let ended = false;
  const exitWhenIdle = () => {
    if (ended && open.size === 0) process.exit(0);
  };
  process.on('uncaughtException', (error) => {
    const message = `schema engine (Wasm) panicked: ${engine.panic() ?? error.stack}`;
    for (const id of open) sendError(id, message, { is_panic: true });
    setImmediate(() => process.exit(1));
  });
  const answer = async ({ id, method, params }) => {
    open.add(id);
    try {
      send({ id, result: (await engine.call(method, params)) ?? {} });
    } catch (error) {
      sendError(id, engine.panic() ?? String(error?.message ?? error), {
        is_panic: false,
        meta: null,
        error_code: error?.code,
      });
    }
    open.delete(id);
    exitWhenIdle();
  };
  for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
    const message = JSON.parse(line);
    if (message.method) void answer(message);
  }
  ended = true;
  exitWhenIdle();
}

function send(message) {
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
}

function sendError(id, message, data) {
  send({
    id,
    error: { code: ENGINE_ERROR, message: 'An error happened.', data: { message, ...data } },
  });
}

/** Loads the Wasm module; connects on the first call that needs a database. */
async function loadEngine() {
  let panic;
  globalThis.PRISMA_WASM_PANIC_REGISTRY = {
    set_message: (message) => {
      panic = message;
    },
  };
  const bytes = readFileSync(bindingsPath.replace(/\.js$/, '.wasm'));
  const { instance } = await WebAssembly.instantiate(bytes, { './schema_engine_bg.js': bindings });
  bindings.__wbg_set_wasm(instance.exports);
  instance.exports.__wbindgen_start();

  const datamodels = options.datamodels?.map((file) => [file, readFileSync(file, 'utf8')]);
  const boot = (factory) => {
    const bound = bindMigrationAwareSqlAdapterFactory(factory, errorRegistry());
    return bindings.SchemaEngine.new({ datamodels }, () => {}, bound);
  };
  const shadows = [];
  let connected;
  const connect = () => {
    if (url === undefined)
      throw new Error('No datasource url: set datasource.url in prisma.config.ts');
    connected ??= boot(postgres(new URL(url), shadows));
    return connected;
  };
  const handlers = {
    getDatabaseVersion: async () => (await connect()).version(),
    getDatabaseDescription: () => '',
    createDatabase: () => ({ databaseName: '' }),
    diff: async (params) => {
      const offline = [params.from, params.to].every((side) => needsNoDatabase(side.tag));
      const result = await (offline ? await boot(NO_DATABASE) : await connect()).diff(params);
      if (result.stdout !== null && result.stdout !== undefined) {
        const content = result.stdout.replace(/\n$/, '');
        send({ id: 0, method: 'print', params: { content } });
      }
      return { ...result, stdout: null };
    },
  };
  const call = async (method, params) => {
    try {
      const handler = handlers[method];
      return handler ? await handler(params) : await (await connect())[method](params);
    } finally {
      for (const drop of shadows.splice(0)) await drop();
    }
  };
  return { call, panic: () => panic };
}

function errorRegistry() {
  const errors = [];
  return {
    registerNewError: (error) => errors.push({ error }) - 1,
    consumeError: (index) => errors[index],
  };
}

const needsNoDatabase = (tag) => tag === 'empty' || tag === 'schemaDatamodel';

/** Answers only what the engine asks when it is made: its server's version. Enough to compare two schemas. */
const OFFLINE_CONNECTION = {
  ...ADAPTER,
  queryRaw: async () => ({
    columnNames: ['exists', 'version', 'numeric_version'],
    columnTypes: [ColumnTypeEnum.Boolean, ColumnTypeEnum.Text, ColumnTypeEnum.Int32],
    rows: [[true, 'PostgreSQL 18.0', 180_000]],
  }),
  executeRaw: async () => 0,
  executeScript: async () => {},
  startTransaction: () => Promise.reject(new Error('there is no database')),
  dispose: async () => {},
  getConnectionInfo: () => ({ schemaName: 'public', supportsRelationJoins: true }),
};
const NO_DATABASE = {
  ...ADAPTER,
  connect: async () => OFFLINE_CONNECTION,
  connectToShadowDb: async () => OFFLINE_CONNECTION,
};

function postgres(target, shadows) {
  const schema = target.searchParams.get('schema') ?? undefined;
  const open = async (config) => {
    const pool = new pg.Pool({ ...config, max: 1 });
    return adapt(await new PrismaPg(pool, { schema, disposeExternalPool: true }).connect());
  };
  const config = connectionConfig(target, schema);
  return {
    ...ADAPTER,
    connect: () => open(config),
    async connectToShadowDb() {
      const database = `prisma_migrate_shadow_db_${crypto.randomUUID()}`;
      const main = await open(config);
      await main.executeScript(`CREATE DATABASE "${database}"`);
      const shadow = await open({ ...config, database });
      // The engine answers before a shadow database is gone, and the process then ends: it is dropped after each call instead.
      shadows.push(async () => {
        await shadow.dispose().catch(() => {});
        await main.executeScript(`DROP DATABASE IF EXISTS "${database}" WITH (FORCE)`);
        await main.dispose();
      });
      return withoutDispose(shadow);
    },
  };
}

function connectionConfig(target, schema) {
  return {
    host: target.hostname,
    port: Number(target.port || 5432),
    user: decodeURIComponent(target.username),
    password: decodeURIComponent(target.password) || undefined,
    database: decodeURIComponent(target.pathname.slice(1)),
    options: schema === undefined ? undefined : `-c search_path="${schema}"`,
    Client: CatalogueClient,
  };
}

function withoutDispose(connection) {
  const methods = [
    'queryRaw',
    'executeRaw',
    'executeScript',
    'startTransaction',
    'getConnectionInfo',
    'underlyingDriver',
  ];
  const bound = methods.map((name) => [name, connection[name].bind(connection)]);
  return { ...ADAPTER, ...Object.fromEntries(bound), dispose: async () => {} };
}

/**
 * The adapter refuses the catalogue's "char", which the engine reads when it describes a schema: it is passed as another type,
 * and named right in the answer.
 */
const charColumns = new WeakMap();

class CatalogueClient extends pg.Client {
  query(...parameters) {
    const callback = parameters.at(-1);
    if (typeof callback === 'function') {
      parameters[parameters.length - 1] = (error, result) => callback(error, renameChars(result));
      return super.query(...parameters);
    }
    const pending = super.query(...parameters);
    return typeof pending?.then === 'function' ? pending.then(renameChars) : pending;
  }
}

function renameChars(result) {
  const found = [];
  for (const [index, field] of (result?.fields ?? []).entries()) {
    if (field.dataTypeID !== OID_CHAR) continue;
    field.dataTypeID = OID_BPCHAR;
    found.push(index);
  }
  if (found.length > 0) charColumns.set(result.rows, found);
  return result;
}

function adapt(connection) {
  // The adapter's own executeScript splits at each semicolon, which breaks function bodies: one simple query does not.
  connection.executeScript = async (script) => {
    try {
      await connection.underlyingDriver().query(script);
    } catch (error) {
      connection.onError(error);
    }
  };
  const queryRaw = connection.queryRaw.bind(connection);
  connection.queryRaw = async (query) => {
    const result = await queryRaw(query);
    for (const index of charColumns.get(result.rows) ?? []) {
      result.columnTypes[index] = ColumnTypeEnum.Character;
    }
    return result;
  };
  return connection;
}

if (options.version) printVersion();
else if (positionals[0] === 'cli') await administer(positionals[1], new URL(url));
else await serve();
