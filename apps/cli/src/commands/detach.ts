import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { AppError } from '@capstan/domain';
import { waitUntil } from '@capstan/embedded';
import type { StackPlan } from '../config/stack-config.ts';
import type { CliErrorCode } from '../error-codes.ts';
import { DETACH_WAIT_MS, WATCH_MS } from '../limits.ts';
import type { CommandContext } from '../program.ts';
import { readRunRecord } from '../supervisor/run-file.ts';
import { logPath } from '../supervisor/supervisor.ts';
import { askStack } from './ask-stack.ts';

/**
 * Starts `capstan up` in a session of its own, which outlives this terminal, and waits until all is healthy.
 * @throws CLI.START_FAILED with the supervisor's last words.
 */
export async function startDetached(
  plan: StackPlan,
  args: readonly string[],
  { output }: CommandContext,
): Promise<void> {
  const log = logPath(plan.dataDir, 'supervisor');
  mkdirSync(dirname(log), { recursive: true, mode: 0o700 });
  const file = openSync(log, 'a', 0o600);
  const before = statSync(log).size;
  const main = process.argv[1] ?? '';
  const child = spawn(process.execPath, [main, ...args], {
    detached: true,
    stdio: ['ignore', file, file],
  });
  closeSync(file);
  let hasEnded = false;
  child.once('exit', () => {
    hasEnded = true;
  });
  child.once('error', () => {
    hasEnded = true;
  });
  let problems: readonly string[] = ['it has not answered yet'];
  const isHealthy = async (): Promise<boolean> => {
    if (hasEnded) return true;
    const record = readRunRecord(plan.dataDir);
    if (record?.pid !== child.pid || record === undefined) return false;
    const answer = await askStack(record.supervisorUrl);
    if (answer !== undefined) problems = answer.problems;
    return answer?.healthy === true;
  };
  const inTime = await waitUntil(isHealthy, DETACH_WAIT_MS, WATCH_MS);
  if (hasEnded) throw startFailed(lastWords(log, before), log);
  child.unref();
  if (!inTime) throw startFailed(`It runs, but is not healthy: ${problems.join('; ')}.`, log);
  const url = readRunRecord(plan.dataDir)?.dashboardUrl ?? '';
  output.out(`Capstan runs as process ${child.pid}. Dashboard  ${url}`);
  output.out(`Data and logs: ${plan.dataDir}. Stop it with 'capstan down'.`);
}

function lastWords(log: string, from: number): string {
  const said = readFileSync(log).subarray(from).toString('utf8').trim().split('\n');
  return said.slice(-5).join('\n');
}

function startFailed(why: string, log: string): AppError {
  return new AppError({
    code: 'CLI.START_FAILED' satisfies CliErrorCode,
    why: why === '' ? 'The stack ended while it started.' : why,
    fix: `See ${log}.`,
  });
}
