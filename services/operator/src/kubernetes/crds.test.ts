import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { KINDS, type Kind } from '../cluster.ts';
import { BOT_SPEC, OperatorWorld } from '../operator-world.fixture.ts';
import { CRDS_FOLDER, definitionFiles } from './crd-files.ts';
import { definitions } from './crds.ts';
import { statusPatch } from './kube-resource.ts';
import { readSpec } from './specs.ts';

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

/** What is wanted of each kind, one after the other: taken, and refused. */
const WANTED: Readonly<Record<Kind, readonly object[]>> = {
  Bot: [BOT_SPEC, { ...BOT_SPEC, symbols: ['NOPE'] }],
  Account: [{ limits: { maxGrossExposure: 1 } }, { limits: { nonsense: 1 } }],
  BacktestJob: [{ bars: 'bars.parquet', strategy: 'ma-cross' }],
};

interface Version {
  readonly schema: {
    readonly properties: Readonly<Record<string, { readonly properties?: Tree } | undefined>>;
  };
  readonly columns: readonly { readonly name: string; readonly jsonPath: string }[];
}

function versionOf(kind: Kind): Version {
  const one = definitions()[KINDS.indexOf(kind)] as {
    readonly spec: {
      readonly versions: readonly [
        {
          readonly schema: { readonly openAPIV3Schema: Version['schema'] };
          readonly additionalPrinterColumns: Version['columns'];
        },
      ];
    };
  };
  const [{ schema, additionalPrinterColumns }] = one.spec.versions;
  return { schema: schema.openAPIV3Schema, columns: additionalPrinterColumns };
}

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

  it.each(KINDS)(
    'show in a list what a %s has, and a status may say all that is told of it',
    async (kind) => {
      const { schema, columns } = versionOf(kind);
      for (const { name, jsonPath } of columns) {
        const [, part = '', key = ''] = jsonPath.split('.');
        if (part === 'metadata') continue;
        expect(schema.properties[part]?.properties, `${name}: ${jsonPath}`).toHaveProperty(key);
      }
      const world = new OperatorWorld();
      const told = new Set<string>();
      const hear = () => {
        for (const resource of world.resources(kind)) {
          const patch = statusPatch(resource, resource.status, { before: {}, now: '2026-01-05' });
          for (const key of Object.keys(patch)) told.add(key);
        }
      };
      for (const wanted of WANTED[kind]) {
        world.apply(kind, 'paper', wanted);
        await world.settle();
        hear();
      }
      for (const id of world.jobs.keys())
        world.jobs.set(id, { state: 'done', error: 'x', resultJson: '{"fills":1}', endedAtUs: 1 });
      await world.settle();
      hear();
      expect(
        [...told].filter((key) => !(key in (schema.properties.status?.properties ?? {}))),
      ).toEqual([]);
      expect(told.size).toBeGreaterThan(6);
    },
  );

  it.each(KINDS)('leave no place for a secret in a %s', (kind) => {
    const [wanted] = WANTED[kind];
    expect(readSpec(kind, wanted)).toMatchObject({ kind: 'read' });
    for (const key of ['apiKey', 'secretKey', 'credentials', 'token'])
      expect(readSpec(kind, { ...wanted, [key]: 's3cret' })).toEqual({
        kind: 'wrong',
        why: expect.not.stringContaining('s3cret'),
      });
  });
});
