import type { Architecture } from './architecture.ts';
import { type Zone, zoneOf, zonesOf } from './zones.ts';

/** A file that breaks one rule on purpose. */
export interface Plant {
  readonly rule: string;
  readonly path: string;
  readonly source: string;
}

const PURE = 'packages/domain/src';
const LOGIC = 'services/signal/src';
const NEVER = "export * from '@capstan/";

/** Finds the `index`-th path that belongs to a zone. */
function pathIn(architecture: Architecture, zone: Zone, index: number): string {
  const zones = zonesOf(architecture);
  const service = architecture.services.names[index] ?? 'signal';
  const candidates = [
    ...['main', 'wire', 'config', `planted-zone-${index}`, `planted-zone-${index}.test`].map(
      (name) => `services/${service}/src/${name}.ts`,
    ),
    ...Object.entries(architecture.services.adapters ?? {}).flatMap(([name, files]) =>
      files.map((file) => `services/${name}/${file.endsWith('/') ? `${file}planted.ts` : file}`),
    ),
    `${zone.name}/src/planted-zone-${index}.ts`,
    `${zone.name.replace(' tests', '')}/src/planted-zone-${index}.test.ts`,
  ];
  const found = candidates.find((path) => zoneOf(zones, path)?.name === zone.name);
  if (found === undefined) throw new Error(`no path found for the zone ${zone.name}`);
  return found;
}

/** An import that the zone may not have. */
function strayImport(architecture: Architecture, zone: Zone, own: string): string {
  const stray = Object.keys(architecture.packages).find(
    (name) => !(zone.mayImport ?? []).includes(name) && !own.startsWith(`packages/${name}/`),
  );
  return stray === undefined ? "import '../../risk/src/first.ts';" : `${NEVER}${stray}';`;
}

function zonePlants(architecture: Architecture): Plant[] {
  return zonesOf(architecture).flatMap((zone) => {
    const plants: Plant[] = [];
    const add = (what: string, source: (path: string) => string) => {
      const path = pathIn(architecture, zone, plants.length);
      plants.push({ rule: `${zone.name}: ${what}`, path, source: `${source(path)}\n` });
    };
    if (zone.mayImport !== undefined) add('layers', (own) => strayImport(architecture, zone, own));
    if (zone.npm !== undefined) add('npm', () => "export * from 'left-pad';");
    if (architecture.planes[zone.plane]?.nodeBuiltins === false) {
      add('node built-ins', () => "import type { Stats } from 'node:fs';\nexport type S = Stats;");
    }
    return plants;
  });
}

function globalPlants(architecture: Architecture): Plant[] {
  return [PURE, LOGIC].flatMap((folder) => {
    const plane = architecture.planes[folder === PURE ? 'pure' : 'logic'];
    return (plane?.globalsDenied ?? []).flatMap((group) =>
      (architecture.globals[group] ?? []).map((name, index) => ({
        rule: `globals: ${group}`,
        path: `${folder}/planted-${group}-${index}.ts`,
        source: `export const planted = () => [${name}];\n`,
      })),
    );
  });
}

const STATES = [
  'let count = 0;\nexport const next = () => ++count;',
  'const seen = new Set<string>();\nexport const has = (id: string) => seen.has(id);',
  'const cache: Record<string, number> = { a: 1 };\nexport const put = () => { cache.b = 2; };',
  'const list = [1];\nexport const put = () => list.push(2);',
  'const list: number[] = [];\nexport const get = () => list;',
  'export class Box { static size = 0; }',
  'export class Box { static readonly all = new Map<string, number>(); }',
];

const WAITS = [
  'export const planted = async () => 1;',
  'export class Box { async get() { return 1; } }',
  'export const planted = () => Promise.resolve(1);',
  "export const planted = () => import('./first.ts');",
];

const ENVIRONMENTS = [
  'export const planted = process.env.HOME;',
  "export const planted = process['env'];",
  'const { env } = process;\nexport const planted = env;',
  "import { env } from 'node:process';\nexport const planted = env;",
];

const RANDOMS = [
  'const { random } = Math;\nexport const planted = random;',
  "export const planted = Math['random']();",
  'export const planted = { crypto };',
];

const EXCLUSIVE = [
  {
    rule: 'nats-only-in-bus',
    path: 'apps/cli/src/planted-nats.ts',
    source: "import '@nats-io/nats-core';",
  },
  {
    rule: 'prisma-and-pg-only-in-store',
    path: 'apps/cli/src/planted-pg.ts',
    source: "import 'pg';",
  },
];

const TREE: readonly Plant[] = [
  ...EXCLUSIVE,
  {
    rule: 'entry points',
    path: 'packages/bus/src/planted-deep.ts',
    source: "export * from '../../domain/src/first.ts';",
  },
  {
    rule: 'venues apart',
    path: 'packages/venues/src/alpaca/planted.ts',
    source: "export * from '../paper/thing.ts';",
  },
  {
    rule: 'generated code',
    path: 'packages/bus/src/planted-gen.ts',
    source: "export * from '../../contracts/src/gen/thing.ts';",
  },
  {
    rule: 'tests apart',
    path: 'packages/bus/src/planted-test-use.ts',
    source: "export * from './clean.test.ts';",
  },
  {
    rule: 'no cycles',
    path: 'packages/bus/src/planted-circle.ts',
    source: "export * from './planted-other-circle.ts';",
  },
  {
    rule: 'resolvable',
    path: 'packages/bus/src/planted-nowhere.ts',
    source: "export * from './nowhere.ts';",
  },
  {
    rule: 'wiring only',
    path: `${LOGIC}/planted-connect.ts`,
    source:
      "import { connectGrpc } from '@capstan/contracts';\nexport const planted = connectGrpc;",
  },
  { rule: 'file name', path: 'packages/bus/src/utils.ts', source: 'export const planted = 1;' },
  {
    rule: 'file length',
    path: 'packages/bus/src/planted-length.ts',
    source: '// line\n'.repeat(501),
  },
  {
    rule: 'generated files',
    path: 'packages/bus/src/planted-generated.ts',
    source: '// Code generated by a tool. DO NOT EDIT.\nexport const planted = 1;',
  },
  {
    rule: 'declared dependencies',
    path: 'apps/cli/src/planted-dep.ts',
    source: "import 'undeclared-thing';",
  },
  {
    rule: 'known workspace',
    path: 'packages/stranger/src/planted.ts',
    source: 'export const planted = 1;',
  },
  {
    rule: 'import.meta',
    path: `${LOGIC}/planted-meta.ts`,
    source: 'export const planted = import.meta.url;',
  },
];

function numbered(rule: string, stem: string, sources: readonly string[]): Plant[] {
  return sources.map((source, index) => ({ rule, path: `${stem}-${index}.ts`, source }));
}

/** What the plants lean on; nothing of it breaks a rule by itself. */
export const GROUND: readonly Omit<Plant, 'rule'>[] = [
  { path: 'packages/venues/src/paper/thing.ts', source: 'export const thing = 1;' },
  {
    path: 'packages/contracts/src/gen/thing.ts',
    source: '// Code generated by a tool.\nexport const thing = 1;',
  },
  { path: 'packages/bus/src/clean.test.ts', source: "import 'vitest';\nexport const thing = 1;" },
  {
    path: 'packages/bus/src/planted-other-circle.ts',
    source: "export * from './planted-circle.ts';",
  },
  {
    path: 'packages/stranger/package.json',
    source: '{ "name": "@capstan/stranger", "exports": "./src/planted.ts" }',
  },
];

/** Files that look like violations and are none. */
export const CLEAN: readonly Omit<Plant, 'rule'>[] = [
  {
    path: `${PURE}/clean.ts`,
    source: [
      "import { thing } from '@noble/hashes';",
      'export interface Clock { Date: number; process(fetch: number): Promise<Date> }',
      'export const NAMES: ReadonlyMap<string, number> = new Map([["a", 1]]);',
      'export const TABLE = { crypto: 1, fetch: 2 } as const;',
      'export const root = (process: number) => Math.sqrt(process) + thing + TABLE.fetch;',
      'export function local() { const performance = { now: 1 }; return performance.now; }',
    ].join('\n'),
  },
  {
    path: `${LOGIC}/clean.ts`,
    source: [
      "import { first } from '@capstan/ports';",
      "import { first as owner } from '@capstan/journal';",
      'export class Thing { readonly #seen = new Set<number>(); async add() { this.#seen.add(first + owner); } }',
    ].join('\n'),
  },
  {
    path: `${LOGIC}/config.ts`,
    source: "export * from 'zod';\nexport { first } from '@capstan/runtime';",
  },
  {
    path: `${LOGIC}/wire.ts`,
    source:
      "import 'node:fs';\nexport { first } from '@capstan/store';\nexport const t = Date.now();",
  },
  {
    path: `${LOGIC}/clean.test.ts`,
    source: "import 'fast-check';\nimport '@capstan/testkit';\nimport 'node:fs';",
  },
  { path: 'packages/runtime/src/clean.ts', source: 'export const environment = process.env;' },
  {
    path: 'packages/store/src/clean.ts',
    source: "import 'pg';\nexport const started = Date.now();",
  },
  {
    path: 'e2e/src/clean.ts',
    source: "import '@capstan/store';\nexport const home = process.env.HOME;",
  },
];

/** Plants at least one violation of every rule. */
export function plantsOf(architecture: Architecture): Plant[] {
  return [
    ...zonePlants(architecture),
    ...globalPlants(architecture),
    ...TREE,
    ...numbered('module state', `${LOGIC}/planted-state`, STATES),
    ...numbered('async', `${PURE}/planted-wait`, WAITS),
    ...numbered('environment', 'packages/store/src/planted-environment', ENVIRONMENTS),
    ...numbered('globals: random', `${LOGIC}/planted-more-random`, RANDOMS),
  ];
}
