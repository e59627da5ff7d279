import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Rendered } from './render-chart.ts';

const ROOT = join(import.meta.dirname, '..', '..');

/** Which package holds the models of an API group, by the end of its name. */
const PACKAGES: readonly (readonly [group: RegExp, module: string])[] = [
  [/^keda\.sh\//, '@kubernetes-models/keda'],
  [/^monitoring\.coreos\.com\//, '@kubernetes-models/prometheus-operator'],
  [/^gateway\.networking\.k8s\.io\//, '@kubernetes-models/gateway-api'],
  [/^/, 'kubernetes-models'],
];

interface Model {
  validate(): void;
}
type Models = Readonly<Record<string, (new (object: object) => Model) | undefined>>;

function moduleOf({ apiVersion }: Rendered): string {
  const [, module = ''] = PACKAGES.find(([group]) => group.test(apiVersion)) ?? [];
  return `${module}/${apiVersion}`;
}

const nameOf = ({ kind, metadata }: Rendered): string => `${kind} ${metadata.name}`;

/**
 * Says what is wrong with objects by the schemas of Kubernetes, KEDA, Prometheus' operator and the Gateway API: fields that are missing,
 * of another type, or of a kind that nobody knows.
 */
export async function schemaProblems(objects: readonly Rendered[]): Promise<string[]> {
  const problems: string[] = [];
  for (const object of objects) {
    const models = (await import(moduleOf(object)).catch(() => ({}))) as Models;
    const Model = models[object.kind];
    if (Model === undefined) {
      problems.push(`${nameOf(object)}: ${object.apiVersion} has no such kind`);
      continue;
    }
    try {
      new Model(object).validate();
    } catch (error) {
      problems.push(`${nameOf(object)}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return problems;
}

/**
 * Says which fields of objects no schema knows. Schemas let those pass; the compiler does not: it checks the objects, written down,
 * against the types made of the same schemas.
 */
export function unknownFields(objects: readonly Rendered[]): string[] {
  const parent = join(ROOT, 'node_modules/.cache');
  mkdirSync(parent, { recursive: true });
  const folder = mkdtempSync(join(parent, 'chart-objects-'));
  try {
    const file = join(folder, 'objects.ts');
    writeFileSync(file, sourceOf(objects));
    const options = [
      '--ignoreConfig',
      '--noEmit',
      '--strict',
      '--skipLibCheck',
      '--module',
      'nodenext',
    ];
    const tsc = join(ROOT, 'node_modules/.bin/tsc');
    const { status, stdout } = spawnSync(tsc, [...options, '--target', 'es2024', file], {
      encoding: 'utf8',
      cwd: folder,
    });
    return status === 0 ? [] : namedProblems(stdout, objects);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** One line an object, so that the compiler's line says which it is. */
function sourceOf(objects: readonly Rendered[]): string {
  const lines = objects.map((object, index) => {
    const type = `import('${moduleOf(object)}').I${object.kind}`;
    return `export const object${index}: ${type} = ${JSON.stringify(object)};`;
  });
  return `${lines.join('\n')}\n`;
}

function namedProblems(output: string, objects: readonly Rendered[]): string[] {
  const problems = output.split('\n').flatMap((line) => {
    const [, number, words] = /^\S*objects\.ts\((\d+),\d+\): error \w+: (.*)$/.exec(line) ?? [];
    const object = objects[Number(number) - 1];
    return object === undefined ? [] : [`${nameOf(object)}: ${words}`];
  });
  return problems.length > 0 ? problems : [output];
}
