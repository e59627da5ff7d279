import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runSchemaText } from '../config/run-schema.ts';

writeFileSync(join(import.meta.dirname, '../../../../configs/run.schema.json'), runSchemaText());
