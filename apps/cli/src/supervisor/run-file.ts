import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '@capstan/domain';
import type { CliErrorCode } from '../error-codes.ts';
import { isSameProcess, type ProcessIdentity } from './process-identity.ts';

/** A process that a supervisor started. */
export interface RecordedProcess extends ProcessIdentity {
  readonly name: string;
}

/** What a supervisor leaves for others, and for its successor. Only its user may read it: it holds the shutdown token. */
export interface RunRecord extends ProcessIdentity {
  readonly version: 1;
  readonly startedAtMs: number;
  readonly environment: string;
  readonly runId: string;
  /** Where the supervisor itself answers; empty until it does. */
  readonly supervisorUrl: string;
  readonly shutdownToken: string;
  /** `host:port` of execution's gRPC, for a kill that the gateway does not pass on. */
  readonly executionAddress?: string;
  /** `host:port` of the paper exchange's gRPC. */
  readonly exchangeAddress?: string;
  /** Where the gateway answers. */
  readonly dashboardUrl: string;
  /** URL of the embedded PostgreSQL's database; absent for one that was given. */
  readonly postgresUrl?: string;
  readonly natsUrl?: string;
  readonly processes: readonly RecordedProcess[];
}

/** Where a data directory keeps it. */
export function runFilePath(dataDir: string): string {
  return join(dataDir, 'run.json');
}

/** Reads a run record. @returns undefined when there is none, or it is not one. */
export function readRunRecord(dataDir: string): RunRecord | undefined {
  return parseRecord(runFilePath(dataDir));
}

function parseRecord(path: string): RunRecord | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
    return isRunRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isRunRecord(value: unknown): value is RunRecord {
  if (typeof value !== 'object' || value === null) return false;
  const { version, pid, startTime, processes } = { ...value } as Readonly<Record<string, unknown>>;
  const isIdentity = typeof pid === 'number' && typeof startTime === 'string';
  return version === 1 && isIdentity && Array.isArray(processes);
}

/**
 * Takes a data directory for this process.
 * @returns the record that a dead predecessor left, if one did.
 * @throws CLI.RUNNING naming the living supervisor.
 */
export function claimDataDir(dataDir: string, record: RunRecord): RunRecord | undefined {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const path = runFilePath(dataDir);
  const mine = `${path}.${record.pid}`;
  writeFileSync(mine, JSON.stringify(record), { mode: 0o600 });
  try {
    let left: RunRecord | undefined;
    for (;;) {
      if (isLinked(mine, path)) return left;
      const holder = parseRecord(path);
      if (holder !== undefined && isSameProcess(holder)) throw alreadyRuns(dataDir, holder);
      left = takeAside(path, `${mine}.left`, dataDir) ?? left;
    }
  } finally {
    rmSync(mine, { force: true });
  }
}

function isLinked(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

/** Removes a dead record, unless another process has put its own there in the same moment. */
function takeAside(path: string, aside: string, dataDir: string): RunRecord | undefined {
  try {
    renameSync(path, aside);
  } catch {
    return undefined;
  }
  const taken = parseRecord(aside);
  if (taken !== undefined && isSameProcess(taken)) {
    isLinked(aside, path);
    rmSync(aside, { force: true });
    throw alreadyRuns(dataDir, taken);
  }
  rmSync(aside, { force: true });
  return taken;
}

function alreadyRuns(dataDir: string, holder: RunRecord): AppError {
  return new AppError({
    code: 'CLI.RUNNING' satisfies CliErrorCode,
    why: `Capstan already runs on ${dataDir} as process ${holder.pid}.`,
    fix: "Stop it with 'capstan down', or choose another directory with --data-dir.",
    details: { pid: holder.pid },
  });
}

/** Replaces the record in one step. */
export function writeRunRecord(dataDir: string, record: RunRecord): void {
  const path = runFilePath(dataDir);
  const draft = `${path}.${record.pid}`;
  writeFileSync(draft, `${JSON.stringify(record, null, 2)}\n`, { mode: 0o600 });
  renameSync(draft, path);
}

/** Removes the record of a stack that ended with nothing left behind. */
export function removeRunRecord(dataDir: string): void {
  rmSync(runFilePath(dataDir), { force: true });
}
