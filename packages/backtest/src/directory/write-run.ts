import { dirname, join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { metricsCsv } from '@capstan/reports';
import type { GivenParameters } from '../config/grid.ts';
import type { RunConfig } from '../config/read-run.ts';
import { ENGINE_VERSION } from '../engine-version.ts';
import { barCount, type RunData } from '../load/run-data.ts';
import type { PreparedRun } from '../run/prepare.ts';
import type { RunOutcome } from '../run/run-one.ts';
import { type ConfigRecord, configHash, recordOf, recordYaml } from './config-record.ts';
import { type GitRevision, gitRevision } from './git-revision.ts';
import { writeBars, writeLedgers } from './ledgers.ts';
import { reportFiles } from './report-files.ts';
import { RunFolder } from './run-folder.ts';
import { runSummary } from './run-summary.ts';

/** What is said of how a run came about; the same run may have another of it. */
export interface RunCircumstances {
  readonly startedAt: Date;
  readonly durationMs: number;
  readonly threads: number;
}

/** `run.json`: what a run was, and under which circumstances. */
export interface RunStatement {
  readonly format: 'capstan-run/1';
  readonly kind: 'run' | 'sweep';
  readonly state: 'done' | 'interrupted';
  /** SHA-256 over orders, fills, cash events and final ledger; of a sweep over those of its combinations. */
  readonly digest: string;
  readonly configHash: string;
  readonly dataFingerprint: string;
  readonly engineVersion: string;
  readonly combinations: {
    readonly count: number;
    readonly done: number;
    readonly skipped: number;
  };
  readonly bars: number;
  readonly git: GitRevision | null;
  readonly startedAt: string;
  readonly durationMs: number;
  readonly threads: number;
  readonly node: string;
}

/** The parts of a run that every directory states. */
export interface StatementParts extends RunCircumstances {
  readonly kind: RunStatement['kind'];
  readonly state: RunStatement['state'];
  readonly digest: string;
  readonly record: ConfigRecord;
  readonly data: Pick<RunData, 'fingerprint' | 'symbols'>;
  readonly combinations: RunStatement['combinations'];
  readonly config: RunConfig;
}

/** Makes `run.json`. */
export async function statementOf(parts: StatementParts): Promise<RunStatement> {
  const { file } = parts.config;
  return {
    format: 'capstan-run/1',
    kind: parts.kind,
    state: parts.state,
    digest: parts.digest,
    configHash: configHash(parts.record),
    dataFingerprint: parts.data.fingerprint,
    engineVersion: ENGINE_VERSION,
    combinations: parts.combinations,
    bars: barCount(parts.data),
    git: (await gitRevision(file === undefined ? process.cwd() : dirname(file))) ?? null,
    startedAt: parts.startedAt.toISOString(),
    durationMs: Math.round(parts.durationMs),
    threads: parts.threads,
    node: process.version,
  };
}

/** A finished run, to be kept. */
export interface RunToWrite extends RunCircumstances {
  readonly prepared: PreparedRun;
  readonly outcome: RunOutcome;
  readonly outputDir: string;
  /** Leaves nothing behind where it is aborted before the directory has its name. */
  readonly signal?: AbortSignal;
}

/**
 * Writes the directory of a single run: configuration, statement, ledgers, summary and reports.
 * @returns its path; `undefined` where it was stopped. @throws RUN.DISK, RUN.WRITE; what was written until then stays in the folder that the message names.
 */
export async function writeRun(
  written: RunToWrite & { readonly signal: AbortSignal },
): Promise<string | undefined>;
export async function writeRun(written: RunToWrite): Promise<string>;
export async function writeRun(written: RunToWrite): Promise<string | undefined> {
  const { prepared, outcome, outputDir, startedAt, signal } = written;
  const { config, strategy, data } = prepared;
  const folder = await RunFolder.create({
    outputDir,
    strategy: strategy.name,
    symbols: outcome.result.symbols,
    startedAt,
  });
  const record = recordOf(config.run, strategy, outcome.params);
  const statement = await statementOf({
    ...written,
    kind: 'run',
    state: 'done',
    digest: outcome.result.digest(),
    record,
    data,
    config,
    combinations: { count: 1, done: 1, skipped: 0 },
  });
  const writes: readonly (() => Promise<void>)[] = [
    () => folder.write('config.json', `${JSON.stringify(record, null, 2)}\n`),
    () => folder.write('run.yaml', recordYaml(record)),
    () => writeOutcome(folder, '', { prepared, outcome, record, statement }),
    () => folder.write('metrics.csv', metricsOf(outcome, record)),
    () => folder.writing((path) => writeBars(path, data.symbols)),
    () => folder.write('run.json', `${JSON.stringify(statement, null, 2)}\n`),
  ];
  for (const write of writes) {
    await write();
    // What was asked meanwhile is heard before the next.
    await setImmediate();
    if (signal?.aborted === true) {
      await folder.discard();
      return undefined;
    }
  }
  return folder.finish(statement.digest);
}

function metricsOf({ params, summary, result }: RunOutcome, record: ConfigRecord): string {
  const all = record.params as GivenParameters;
  const row = { combination: 0, params: all, metrics: summary.metrics, digest: result.digest() };
  return metricsCsv(Object.keys({ ...all, ...params }), [row]);
}

/** What the files of one combination are made of. */
export interface OutcomeToWrite {
  readonly prepared: PreparedRun;
  readonly outcome: RunOutcome;
  readonly record: ConfigRecord;
  readonly statement: Pick<RunStatement, 'dataFingerprint' | 'engineVersion'>;
}

/** Writes the files of one combination into the folder, or into a folder of it. */
export async function writeOutcome(
  folder: RunFolder,
  inside: string,
  parts: OutcomeToWrite,
): Promise<void> {
  const { prepared, outcome } = parts;
  const { symbols } = prepared.data;
  const summary = runSummary(parts);
  await folder.write(`${inside}summary.json`, `${JSON.stringify(summary, null, 2)}\n`);
  await folder.writing((path) => writeLedgers(join(path, inside), { ...outcome, symbols }));
  for (const { name, content } of reportFiles(parts)) await folder.write(inside + name, content);
}
