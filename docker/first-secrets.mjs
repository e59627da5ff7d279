// Makes the passwords of an installation by compose that are not there yet: `node first-secrets.mjs <folder>`. What is there stays.
import { randomBytes } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const [folder] = process.argv.slice(2);
if (folder === undefined) {
  console.error('usage: node first-secrets.mjs <folder>');
  process.exit(2);
}
for (const name of ['postgres-password', 'operator-token', 'grafana-password']) {
  const file = join(folder, name);
  if (existsSync(file)) continue;
  // Readable by every container that mounts the volume: they run as different users.
  writeFileSync(file, randomBytes(32).toString('base64url'), { mode: 0o444, flag: 'wx' });
  console.log(`made ${name}`);
}
