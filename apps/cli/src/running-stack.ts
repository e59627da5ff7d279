import { readdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { AppError } from '@capstan/domain';
import type { CliErrorCode } from './error-codes.ts';
import { GatewayClient } from './gateway-client.ts';
import { readOperatorToken } from './supervisor/operator-token.ts';
import { isSameProcess } from './supervisor/process-identity.ts';
import { type RunRecord, readRunRecord } from './supervisor/run-file.ts';

/** A stack that was found on the disk. */
export interface FoundStack {
  readonly dataDir: string;
  readonly record: RunRecord;
  /** True while its supervisor lives. */
  readonly isAlive: boolean;
}

/**
 * Finds the stack that a command is about: the data directory that is named, else the one under `.capstan` that runs.
 * @throws CLI.NOT_RUNNING when there is none. @throws CLI.USAGE when several run and none is named.
 */
export function findStack(dataDir: string | undefined, base = resolve('.capstan')): FoundStack {
  if (dataDir !== undefined) return namedStack(resolve(dataDir));
  const found = stacksUnder(base);
  const alive = found.filter((stack) => stack.isAlive);
  const [first, ...others] = alive.length > 0 ? alive : found;
  if (first === undefined) {
    throw new AppError({
      code: 'CLI.NOT_RUNNING' satisfies CliErrorCode,
      why: `No stack runs under ${base}.`,
      fix: "Start one with 'capstan up', or name its directory with --data-dir.",
    });
  }
  if (others.length === 0) return first;
  throw new AppError({
    code: 'CLI.USAGE' satisfies CliErrorCode,
    why: `Several stacks are there: ${[first, ...others].map((one) => one.dataDir).join(', ')}.`,
    fix: 'Name one with --data-dir.',
  });
}

function namedStack(dataDir: string): FoundStack {
  const record = readRunRecord(dataDir);
  if (record !== undefined) return { dataDir, record, isAlive: isSameProcess(record) };
  throw new AppError({
    code: 'CLI.NOT_RUNNING' satisfies CliErrorCode,
    why: `No stack runs on ${dataDir}.`,
    fix: `Start one with 'capstan up --data-dir ${dataDir}'.`,
  });
}

function stacksUnder(base: string): readonly FoundStack[] {
  try {
    return readdirSync(base).flatMap((name): FoundStack[] => {
      const dataDir = resolve(base, name);
      const record = readRunRecord(dataDir);
      return record === undefined ? [] : [{ dataDir, record, isAlive: isSameProcess(record) }];
    });
  } catch {
    return [];
  }
}

/** Opens the gateway of a running stack. @throws CLI.NOT_RUNNING @throws CLI.TOKEN */
export function gatewayOf(stack: FoundStack): GatewayClient {
  if (!stack.isAlive) {
    throw new AppError({
      code: 'CLI.NOT_RUNNING' satisfies CliErrorCode,
      why: `The stack on ${stack.dataDir} does not run: its supervisor, process ${stack.record.pid}, is gone.`,
      fix: `Start it again with 'capstan up', or tidy up with 'capstan down --data-dir ${relativeTo(stack)}'.`,
    });
  }
  return new GatewayClient({
    url: stack.record.dashboardUrl,
    token: readOperatorToken(stack.dataDir),
  });
}

function relativeTo({ dataDir }: FoundStack): string {
  const here = dirname(resolve('.capstan'));
  return dataDir.startsWith(`${here}/`) ? dataDir.slice(here.length + 1) : dataDir;
}
