import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { CHART, helm } from './helm.ts';

/** An object as the chart renders it. */
export interface Rendered {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  // biome-ignore lint/suspicious/noExplicitAny: tests look into objects of every kind; their shape is checked by the schemas.
  readonly [key: string]: any;
}

/** What is rendered. */
export interface RenderOptions {
  readonly values?: unknown;
  /** Files of values, below the chart. */
  readonly files?: readonly string[];
  readonly kubeVersion?: string;
  readonly release?: string;
  /** A file by which a cluster is found, for what is looked up there; none is asked unless given. */
  readonly cluster?: string;
}

/** Renders the chart. @throws Error with helm's words where it refuses. */
export function renderChart(options: RenderOptions = {}): readonly Rendered[] {
  const { exitCode, output, complaint } = template(options);
  if (exitCode !== 0) throw new Error(complaint);
  return parseAllDocuments(output).flatMap((document) => {
    const [problem] = document.errors;
    if (problem !== undefined) throw problem;
    const object = document.toJS() as Rendered | null;
    return object === null ? [] : [object];
  });
}

/** Renders what must be refused. @returns helm's words; empty where it was not. */
export function refusalOf(values: unknown): string {
  const { exitCode, complaint } = template({ values });
  return exitCode === 0 ? '' : complaint;
}

function template(options: RenderOptions): ReturnType<typeof helm> {
  const { values = {}, files = [], kubeVersion = '1.31.0', release = 'test', cluster } = options;
  const folder = mkdtempSync(join(tmpdir(), 'chart-'));
  try {
    const own = join(folder, 'values.json');
    writeFileSync(own, JSON.stringify(values));
    const given = [...files.map((file) => join(CHART, file)), own];
    return helm(
      ...['template', release, CHART, '--namespace', 'trading', '--kube-version', kubeVersion],
      ...given.flatMap((file) => ['--values', file]),
      ...(cluster === undefined
        ? []
        : ['--dry-run=server', '--disable-openapi-validation', '--kubeconfig', cluster]),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}
