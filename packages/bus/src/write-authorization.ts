import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { authorizationFile } from './authorization.ts';

const FOLDER = join(import.meta.dirname, '../../../charts/capstan/files');

mkdirSync(FOLDER, { recursive: true });
writeFileSync(join(FOLDER, 'nats-authorization.conf'), authorizationFile());
