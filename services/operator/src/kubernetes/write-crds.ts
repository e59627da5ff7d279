import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { definitions } from './crds.ts';

// Writes the definitions of the resources into the chart.
const folder = join(
  import.meta.dirname,
  '..',
  '..',
  '..',
  '..',
  'charts',
  'capstan',
  'files',
  'crds',
);
mkdirSync(folder, { recursive: true });
for (const definition of definitions()) {
  const { metadata } = definition as { readonly metadata: { readonly name: string } };
  const head =
    '# Written by `npm run generate`; change services/operator/src/kubernetes instead.\n';
  writeFileSync(
    join(folder, `${metadata.name}.yaml`),
    `${head}${stringify(definition, { lineWidth: 120 })}`,
  );
}
