import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assert } from '@capstan/domain';
import type { RowDifference } from '@capstan/lake';
import { configHash, recordOf } from '../directory/config-record.ts';
import { LEDGERS, writeLedgers } from '../directory/ledgers.ts';
import { type RunDirectory, readRunDirectory } from '../directory/read-run.ts';
import { ENGINE_VERSION } from '../engine-version.ts';
import { checkConfig, type PreparedRun, prepareRun } from '../run/prepare.ts';
import { Runner } from '../run/run-one.ts';
import { runWatched } from '../run/run-watched.ts';
import { runSweep, type SweepProgress } from '../sweep/run-sweep.ts';
import { ledgerDifferences } from './compare-runs.ts';

/** What running a stored run again showed. */
export interface Reproduction {
  readonly directory: RunDirectory;
  /** True where data, configuration and digest are the same. */
  readonly same: boolean;
  readonly digest: { readonly stored: string; readonly now: string };
  readonly dataFingerprint: { readonly stored: string; readonly now: string };
  readonly configHash: { readonly stored: string; readonly now: string };
  readonly engineVersion: { readonly stored: string; readonly now: string };
  /** The first orders and fills that differ; none for a sweep. */
  readonly orders: readonly RowDifference[];
  readonly fills: readonly RowDifference[];
}

export interface ReproduceOptions {
  /** Worker threads of a sweep. */
  readonly threads: number;
  /** Of a sweep its combinations, of a single run its bars. */
  readonly onProgress?: (progress: SweepProgress) => void;
}

/**
 * Runs a stored run again from its own configuration, on the data as they are now.
 * @throws RUN.DIRECTORY, and all that a run throws: bars that are gone, a strategy that is not there any more.
 */
export async function reproduceRun(path: string, options: ReproduceOptions): Promise<Reproduction> {
  const directory = await readRunDirectory(path);
  const { statement } = directory;
  const isSweep = statement.kind === 'sweep';
  const checked = await checkConfig({ file: join(path, 'run.yaml') });
  const prepared = await prepareRun(checked, isSweep);
  const again = isSweep
    ? await sweepAgain(prepared, options)
    : await runAgain(prepared, { path, stored: statement.digest, options });
  const record = recordOf(
    prepared.config.run,
    prepared.strategy,
    isSweep ? undefined : checked.first,
  );
  const pairs = {
    digest: { stored: statement.digest, now: again.digest },
    dataFingerprint: { stored: statement.dataFingerprint, now: prepared.data.fingerprint },
    configHash: { stored: statement.configHash, now: configHash(record) },
  };
  return {
    directory,
    same: Object.values(pairs).every(({ stored, now }) => stored === now),
    ...pairs,
    engineVersion: { stored: statement.engineVersion, now: ENGINE_VERSION },
    orders: again.orders,
    fills: again.fills,
  };
}

interface RunAgain {
  readonly digest: string;
  readonly orders: readonly RowDifference[];
  readonly fills: readonly RowDifference[];
}

async function sweepAgain(prepared: PreparedRun, options: ReproduceOptions): Promise<RunAgain> {
  const { digest } = await runSweep(prepared, options);
  return { digest, orders: [], fills: [] };
}

async function runAgain(
  prepared: PreparedRun,
  {
    path,
    stored,
    options,
  }: {
    readonly path: string;
    readonly stored: string;
    readonly options: ReproduceOptions;
  },
): Promise<RunAgain> {
  const { config, strategy, data, first } = prepared;
  const runner = new Runner({ run: config.run, strategy, ...data });
  const { onProgress } = options;
  const watch = { data, ...(onProgress === undefined ? {} : { onProgress }) };
  const outcome = await runWatched(runner, first, watch);
  assert(outcome !== undefined, 'a run that nobody stops ends');
  const { result } = outcome;
  const digest = result.digest();
  if (digest === stored) return { digest, orders: [], fills: [] };
  const folder = await mkdtemp(join(tmpdir(), 'capstan-repro-'));
  try {
    await writeLedgers(folder, { result, symbols: data.symbols });
    return {
      digest,
      orders: await ledgerDifferences(path, folder, LEDGERS.orders, 'order'),
      fills: await ledgerDifferences(path, folder, LEDGERS.fills, 'fill'),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
