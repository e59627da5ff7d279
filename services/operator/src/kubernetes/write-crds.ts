import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CRDS_FOLDER, definitionFiles } from './crd-files.ts';

// Writes the definitions of the resources into the chart.
mkdirSync(CRDS_FOLDER, { recursive: true });
for (const [name, text] of definitionFiles()) writeFileSync(join(CRDS_FOLDER, name), text);
