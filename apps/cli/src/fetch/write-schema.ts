import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fetchSchemaText } from './fetch-schema.ts';

const PATH = join(import.meta.dirname, '../../../../configs/fetch.schema.json');
writeFileSync(PATH, fetchSchemaText());
