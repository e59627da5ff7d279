import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CRDS_FOLDER, definitionFiles } from './crd-files.ts';
import { definitions } from './crds.ts';

type Tree = { readonly [key: string]: unknown };

/** Every object of a schema, with its place. */
function* objects(value: unknown, place: string): Generator<readonly [string, Tree]> {
  if (typeof value !== 'object' || value === null) return;
  if (!Array.isArray(value)) yield [place, value as Tree];
  for (const [key, inner] of Object.entries(value)) yield* objects(inner, `${place}.${key}`);
}

const schemas = definitions().map((definition) => {
  const { spec } = definition as unknown as {
    readonly spec: { readonly versions: readonly { readonly schema: Tree }[] };
  };
  return spec.versions[0]?.schema.openAPIV3Schema;
});

describe('the definitions of the resources', () => {
  it('stand in the chart as they are written', () => {
    const files = definitionFiles();
    expect(readdirSync(CRDS_FOLDER).sort()).toEqual([...files.keys()].sort());
    for (const [name, text] of files) {
      expect(readFileSync(join(CRDS_FOLDER, name), 'utf8'), name).toBe(text);
    }
  });

  it('are structural: no closed objects, no unions of types, each value of a type or open', () => {
    for (const schema of schemas) {
      for (const [place, one] of objects(schema, '')) {
        expect(one.additionalProperties, place).not.toBe(false);
        const isUnion = ['anyOf', 'oneOf', 'allOf', '$ref'].some((key) => key in one);
        expect(isUnion, place).toBe(false);
      }
      for (const [place, one] of objects(schema, '')) {
        if (!/\.properties$/.test(place)) continue;
        for (const [key, property] of Object.entries(one)) {
          const { type, 'x-kubernetes-preserve-unknown-fields': open } = property as Tree;
          expect(type !== undefined || open === true, `${place}.${key}`).toBe(true);
        }
      }
    }
  });
});
