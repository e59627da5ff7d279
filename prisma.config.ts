import { globSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig } from 'prisma/config';

const root = import.meta.dirname;
const native = globSync('node_modules/@prisma/engines/schema-engine-*', { cwd: root });
if (native.length === 0) {
  process.env.PRISMA_SCHEMA_ENGINE_BINARY ??= join(root, 'tools/prisma/schema-engine.mjs');
}

const { DATABASE_URL: url, SHADOW_DATABASE_URL: shadowDatabaseUrl } = process.env;

export default defineConfig({
  schema: join(root, 'prisma/schema'),
  migrations: { path: join(root, 'prisma/migrations') },
  ...(url === undefined
    ? {}
    : { datasource: { url, ...(shadowDatabaseUrl === undefined ? {} : { shadowDatabaseUrl }) } }),
});
