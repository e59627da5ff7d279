import { join } from 'node:path';
import { stringify } from 'yaml';
import { definitions } from './crds.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..', '..');

/** Where the chart has the definitions of the resources. */
export const CRDS_FOLDER = join(ROOT, 'charts', 'capstan', 'files', 'crds');

const HEAD =
  '# Written by `npm run write-crds -w services/operator`; change services/operator/src/kubernetes instead.\n';

/** Returns the definitions as the chart's files have them, by file name. */
export function definitionFiles(): ReadonlyMap<string, string> {
  return new Map(
    definitions().map((definition) => {
      const { metadata } = definition as { readonly metadata: { readonly name: string } };
      return [`${metadata.name}.yaml`, `${HEAD}${stringify(definition, { lineWidth: 120 })}`];
    }),
  );
}
