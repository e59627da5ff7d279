// Makes the passwords of an installation by compose that are not there yet, and the configuration of NATS with those of its users:
// `node first-secrets.mjs <folder> <nats-authorization.conf>`. What is there stays.
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const [folder, authorizationFile] = process.argv.slice(2);
if (folder === undefined || authorizationFile === undefined) {
  console.error('usage: node first-secrets.mjs <folder> <nats-authorization.conf>');
  process.exit(2);
}

/**
 * Writes a file whole or not at all, readable by every container that mounts the volume: they run as different users. By another name
 * first, as nothing may write what is there, and a disk may be full.
 */
function place(file, text) {
  rmSync(`${file}.new`, { force: true });
  writeFileSync(`${file}.new`, text, { mode: 0o444 });
  renameSync(`${file}.new`, file);
}

const authorization = readFileSync(authorizationFile, 'utf8');
const users = [...authorization.matchAll(/user: "([a-z-]+)"/g)].map(([, user]) => user);
const plain = ['postgres-password', 'operator-token', 'grafana-password'];
for (const name of [...plain, ...users.map((user) => `nats-${user}`)]) {
  const file = join(folder, name);
  if (existsSync(file)) continue;
  // NATS wants a letter first.
  place(file, `p${randomBytes(32).toString('hex')}`);
  console.log(`made ${name}`);
}

/** As the authorization names the variable of a user's password. */
const variable = (user) => `NATS_PASSWORD_${user.toUpperCase().replaceAll('-', '_')}`;
const passwords = users.map(
  (user) => `${variable(user)}: "${readFileSync(join(folder, `nats-${user}`), 'utf8')}"`,
);
// The server's own choice is a share of what is free on the disk now, of which it promises each stream its limit: 9.5 GiB in all.
const jetstream = 'jetstream { store_dir: /data, max_file_store: 32GiB }';
const settings = ['server_name: nats', 'http: 8222', jetstream];
// Each time, as a new version may have other users.
const conf = [...settings, ...passwords, authorization].join('\n');
const file = join(folder, 'nats.conf');
if (!existsSync(file) || readFileSync(file, 'utf8') !== conf) place(file, conf);
