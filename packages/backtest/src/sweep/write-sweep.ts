import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '@capstan/domain';
import { configHash, recordOf, recordYaml } from '../directory/config-record.ts';
import { writeBars } from '../directory/ledgers.ts';
import { RunFolder } from '../directory/run-folder.ts';
import { type RunStatement, statementOf, writeOutcome } from '../directory/write-run.ts';
import type { PreparedRun } from '../run/prepare.ts';
import { Runner } from '../run/run-one.ts';
import { nativeSha256 } from '../sha256.ts';
import type { CombinationRow } from './combination-row.ts';
import { MetricsFile, readMetrics } from './metrics-file.ts';
import { runSweep, type SweepOutcome, type SweepProgress } from './run-sweep.ts';
import { sweepFiles } from './sweep-files.ts';

/** A sweep to be run and kept. */
export interface SweepToWrite {
  readonly prepared: PreparedRun;
  readonly outputDir: string;
  readonly threads: number;
  readonly startedAt: Date;
  /** Milliseconds since `startedAt`. */
  readonly elapsedMs: () => number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: SweepProgress) => void;
  /** The directory of an interrupted sweep that this one goes on with. */
  readonly resume?: string;
}

/** A sweep and where it lies. */
export interface WrittenSweep {
  readonly path: string;
  readonly outcome: SweepOutcome;
  readonly statement: RunStatement;
}

/**
 * Runs a sweep and leaves one directory: `metrics.csv` with a line a combination, and the best runs in full under `best/`. A sweep
 * that is stopped leaves what it has done, and can be gone on with.
 * @throws RUN.DISK, RUN.WRITE: what was done stays in the folder that the message names; RUN.DIRECTORY, RUN.THREAD.
 */
export async function writeSweep(sweep: SweepToWrite): Promise<WrittenSweep> {
  const { prepared, outputDir, startedAt } = sweep;
  const { config, strategy, data, grid } = prepared;
  const record = recordOf(config.run, strategy, undefined);
  const doneBefore = await rowsBefore(sweep, configHash(record));
  const folder = await RunFolder.create({
    outputDir,
    strategy: strategy.name,
    symbols: data.symbols.map(({ instrument }) => instrument.symbol),
    startedAt,
  });
  await folder.write('config.json', `${JSON.stringify(record, null, 2)}\n`);
  await folder.write('run.yaml', recordYaml(record));
  const file = await MetricsFile.create(folder.path, strategy);
  const outcome = await runSweep(prepared, {
    ...sweep,
    doneBefore,
    onRows: (rows) => file.add(rows),
  }).finally(() => file.close());
  const statement = await statementOf({
    kind: 'sweep',
    state: outcome.complete ? 'done' : 'interrupted',
    digest: outcome.digest,
    record,
    data,
    config,
    combinations: {
      count: grid.count,
      done: outcome.done + outcome.failed,
      skipped: outcome.skipped,
    },
    startedAt,
    durationMs: sweep.elapsedMs(),
    threads: sweep.threads,
  });
  await writeBest(folder, prepared, outcome, statement);
  for (const { name, content } of sweepFiles(prepared, outcome, statement)) {
    await folder.write(name, content);
  }
  await folder.writing((path) => writeBars(path, data.symbols));
  await folder.write(
    'summary.json',
    `${JSON.stringify(sweepSummary(prepared, outcome, statement), null, 2)}\n`,
  );
  await folder.write('run.json', `${JSON.stringify(statement, null, 2)}\n`);
  return { path: await folder.finish(outcome.digest), outcome, statement };
}

async function rowsBefore(
  { resume, prepared }: SweepToWrite,
  hash: string,
): Promise<readonly CombinationRow[]> {
  if (resume === undefined) return [];
  const text = await readFile(join(resume, 'run.json'), 'utf8').catch(() => undefined);
  const statement = text === undefined ? undefined : (JSON.parse(text) as Partial<RunStatement>);
  const { fingerprint } = prepared.data;
  const differs =
    statement?.kind !== 'sweep'
      ? 'it is no sweep'
      : statement.configHash !== hash
        ? 'its configuration is another'
        : statement.dataFingerprint !== fingerprint
          ? 'its data are others'
          : undefined;
  if (differs === undefined) return readMetrics(resume, prepared.strategy);
  throw new AppError({
    code: 'RUN.DIRECTORY',
    why: `${resume} cannot be gone on with: ${differs}.`,
    fix: 'Start anew without --resume, or with the configuration in its run.yaml.',
  });
}

/** Runs the best combinations once more, and keeps them in full. */
async function writeBest(
  folder: RunFolder,
  prepared: PreparedRun,
  outcome: SweepOutcome,
  statement: RunStatement,
): Promise<void> {
  const { config, strategy, data, grid } = prepared;
  const { keep } = config.run.metrics;
  const runner = new Runner({ run: config.run, strategy, ...data });
  for (const [place, { index, digest }] of outcome.best.slice(0, keep).entries()) {
    const kept = runner.run(grid.at(index));
    const found = kept.result.digest(nativeSha256);
    if (found !== digest) {
      throw new AppError({
        code: 'RUN.THREAD',
        why: `combination ${index} has the digest ${found}, and had ${digest} on its thread.`,
        fix: 'A strategy must be pure and, where it declares a crossing, that: check what it keeps between bars.',
      });
    }
    const record = recordOf(config.run, strategy, kept.params);
    const inside = `best/${place + 1}-${index}/`;
    await folder.write(`${inside}config.json`, `${JSON.stringify(record, null, 2)}\n`);
    await folder.write(`${inside}run.yaml`, recordYaml(record));
    await writeOutcome(folder, inside, { prepared, outcome: kept, record, statement });
  }
}

function sweepSummary(prepared: PreparedRun, outcome: SweepOutcome, statement: RunStatement) {
  const { grid, strategy, config } = prepared;
  return {
    strategy: strategy.name,
    symbols: prepared.data.symbols.map(({ instrument }) => instrument.symbol),
    digest: statement.digest,
    state: statement.state,
    configHash: statement.configHash,
    dataFingerprint: statement.dataFingerprint,
    engineVersion: statement.engineVersion,
    axes: grid.axes.map(({ name, length, at }) => ({
      name,
      length,
      from: at(0),
      to: at(length - 1),
    })),
    combinations: {
      count: grid.count,
      done: outcome.done,
      skipped: outcome.skipped,
      failed: outcome.failed,
    },
    rankBy: config.run.metrics.rankBy,
    best: outcome.best.map(({ index, value, digest }) => ({
      combination: index,
      params: grid.at(index),
      value,
      digest,
    })),
  };
}
