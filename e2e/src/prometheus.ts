import { type ChildProcess, spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort, waitUntil } from '@capstan/embedded';
import { stringify } from 'yaml';

const START_MS = 30_000;
const LOOPBACK = '127.0.0.1';

/** Who is asked for measurements, by the job's name. */
export type Targets = Readonly<Record<string, number>>;

/** A series as an instant query gives it. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A rule as Prometheus has evaluated it. */
export interface EvaluatedRule {
  readonly name: string;
  readonly health: string;
  readonly lastError?: string;
  readonly state: string;
}

/** A real Prometheus that scrapes processes on this machine each second. */
export class Prometheus {
  readonly #child: ChildProcess;
  readonly #url: string;

  private constructor(child: ChildProcess, url: string) {
    this.#child = child;
    this.#url = url;
  }

  /** Starts it; resolves when it answers. @param rules files of alerts that it evaluates each second. */
  static async start(
    program: string,
    folder: string,
    { targets, rules }: { readonly targets: Targets; readonly rules: readonly string[] },
  ): Promise<Prometheus> {
    const port = await freePort();
    const file = join(folder, 'prometheus.yaml');
    await writeFile(file, configuration(targets, rules));
    const child = spawn(program, [
      `--config.file=${file}`,
      `--storage.tsdb.path=${join(folder, 'prometheus')}`,
      `--web.listen-address=${LOOPBACK}:${port}`,
      '--enable-feature=exemplar-storage',
      '--log.level=error',
    ]);
    const prometheus = new Prometheus(child, `http://${LOOPBACK}:${port}`);
    if (!(await waitUntil(() => answers(`${prometheus.#url}/-/ready`), START_MS))) {
      throw new Error('Prometheus does not become ready');
    }
    return prometheus;
  }

  /** Returns what a query gives now; a value that is not a number is none. */
  async query(expr: string): Promise<readonly Sample[]> {
    const { result } = await this.#ask<{
      result: readonly { metric: Sample['labels']; value: readonly [number, string] }[];
    }>(`query?query=${encodeURIComponent(expr)}`);
    return result
      .map(({ metric, value: [, text] }) => ({ labels: metric, value: Number(text) }))
      .filter(({ value }) => !Number.isNaN(value));
  }

  /** Returns the trace ids of the exemplars of a histogram in the last minutes. */
  async exemplars(selector: string, minutes = 5): Promise<readonly string[]> {
    const end = Date.now() / 1_000;
    const span = `start=${end - minutes * 60}&end=${end}`;
    const found = await this.#ask<
      readonly { exemplars: readonly { labels: { trace_id?: string } }[] }[]
    >(`query_exemplars?query=${encodeURIComponent(selector)}&${span}`);
    return found.flatMap(({ exemplars }) => exemplars.map(({ labels }) => labels.trace_id ?? ''));
  }

  async rules(): Promise<readonly EvaluatedRule[]> {
    const { groups } = await this.#ask<{ groups: readonly { rules: readonly EvaluatedRule[] }[] }>(
      'rules',
    );
    return groups.flatMap((group) => group.rules);
  }

  async stop(): Promise<void> {
    await ended(this.#child);
  }

  async #ask<Data>(path: string): Promise<Data> {
    const answer = await fetch(`${this.#url}/api/v1/${path}`);
    const body = (await answer.json()) as { status: string; error?: string; data: Data };
    if (body.status !== 'success') throw new Error(`Prometheus: ${body.error}: ${path}`);
    return body.data;
  }
}

/** The exporter of PostgreSQL, beside a server. */
export class PostgresExporter {
  readonly port: number;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.port = port;
  }

  static async start(program: string, databaseUrl: string): Promise<PostgresExporter> {
    const port = await freePort();
    const environment = { DATA_SOURCE_NAME: `${databaseUrl}?sslmode=disable` };
    const child = spawn(program, [`--web.listen-address=${LOOPBACK}:${port}`], {
      env: { ...process.env, ...environment },
    });
    const exporter = new PostgresExporter(child, port);
    if (!(await waitUntil(() => answers(`http://${LOOPBACK}:${port}/metrics`), START_MS))) {
      throw new Error('the exporter of PostgreSQL does not answer');
    }
    return exporter;
  }

  async stop(): Promise<void> {
    await ended(this.#child);
  }
}

function configuration(targets: Targets, rules: readonly string[]): string {
  return stringify({
    global: { scrape_interval: '1s', evaluation_interval: '1s' },
    rule_files: rules,
    scrape_configs: Object.entries(targets).map(([name, port]) => ({
      job_name: name,
      static_configs: [{ targets: [`${LOOPBACK}:${port}`], labels: { namespace: 'trade' } }],
    })),
  });
}

async function answers(url: string): Promise<boolean> {
  return fetch(url).then(
    ({ ok }) => ok,
    () => false,
  );
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await gone;
}
