import { randomBytes } from 'node:crypto';
import { AppError, assert } from '@capstan/domain';
import type { EndingConsole } from '../console/stack-console.ts';
import type { CliErrorCode } from '../error-codes.ts';
import { stopOrphans } from './orphans.ts';
import { isSameProcess, processIdentity } from './process-identity.ts';
import { claimDataDir, type RunRecord, readRunRecord, removeRunRecord } from './run-file.ts';
import type { BotStatus } from './stack-status.ts';
import { type StopRequest, stopOnSignals } from './stop-signals.ts';
import { Supervisor } from './supervisor.ts';
import { startSupervisorHttp } from './supervisor-http.ts';

/** What is supervised, and how. */
export interface SuperviseOptions {
  readonly dataDir: string;
  readonly environment: string;
  readonly runId: string;
  /** 0 takes any free port. */
  readonly httpPort: number;
  readonly restart: boolean;
  readonly jsonLogs: boolean;
  readonly console: EndingConsole;
  /** How long services may drain. Default 25 s. */
  readonly drainMs?: number;
  /** Runs the bots' shutdown rules at an operator's stop; `hurry` aborts when nobody waits for them any longer. */
  readonly windDown?: (dashboardUrl: string, hurry: AbortSignal) => Promise<void>;
  /** How long they may take, in milliseconds, for those who wait for the end. */
  readonly windDownMs?: number;
  readonly askBots?: (dashboardUrl: string) => Promise<readonly BotStatus[] | undefined>;
  /** Starts servers and services under the supervisor; gives up early when a stop is requested. */
  bringUp(supervisor: Supervisor, stop: StopRequest): Promise<void>;
}

/**
 * Takes a data directory, ends what a dead predecessor left there, brings everything up, and waits for the stop.
 * @returns the exit code: 0 when it drained, 130 when it was killed by a further Ctrl-C.
 * @throws CLI.RUNNING naming the supervisor that has the directory. @throws CLI.STOP_FAILED
 */
export async function supervise(options: SuperviseOptions): Promise<number> {
  const { askBots, windDown, windDownMs = 0, ...rest } = options;
  const { dataDir, console } = rest;
  const record = newRecord(options);
  const left = claimDataDir(dataDir, record);
  const supervisor: Supervisor = new Supervisor({
    ...rest,
    record,
    ...(askBots === undefined ? {} : { askBots: () => askBots(supervisor.status.dashboardUrl) }),
  });
  const stop = stopOnSignals(supervisor, console);
  try {
    await stopLeftovers(left, console);
    const http = await startSupervisorHttp({
      port: options.httpPort,
      shutdownToken: record.shutdownToken,
      status: () => supervisor.status,
      windDownMs,
      shutdown: () => stop.request('asked over HTTP'),
    });
    try {
      supervisor.describe({ supervisorUrl: http.url });
      await options.bringUp(supervisor, stop);
      await stop.requested;
      // A stack that is not yet up has no bots to ask.
      const isUp = supervisor.status.phase === 'running';
      if (stop.runsRules && isUp) await windDown?.(supervisor.status.dashboardUrl, stop.hurry);
    } finally {
      if (stop.isRequested) stop.drain();
      await supervisor.stop();
      await http.close();
    }
  } finally {
    stop.end();
    console.end();
    endRecord(dataDir);
  }
  return stop.wasKilled ? 130 : 0;
}

function newRecord({ environment, runId }: SuperviseOptions): RunRecord {
  const identity = processIdentity(process.pid);
  assert(identity !== undefined, 'this process runs');
  return {
    version: 1,
    ...identity,
    startedAtMs: Date.now(),
    environment,
    runId,
    supervisorUrl: '',
    shutdownToken: randomBytes(32).toString('hex'),
    dashboardUrl: '',
    processes: [],
  };
}

async function stopLeftovers(left: RunRecord | undefined, console: EndingConsole): Promise<void> {
  if (left === undefined) return;
  const stopped = await stopOrphans(left.processes);
  if (stopped.length === 0) return;
  const names = stopped.map(({ name, pid }) => `${name} (${pid})`).join(', ');
  console.say('warn', 'capstan', `ended what the last start left behind: ${names}`);
}

/** Removes the record, unless something of it still runs: then it stays for the next start to tidy up. */
function endRecord(dataDir: string): void {
  const record = readRunRecord(dataDir);
  if (record === undefined || record.pid !== process.pid) return;
  const left = record.processes.filter(isSameProcess);
  if (left.length === 0) {
    removeRunRecord(dataDir);
    return;
  }
  throw new AppError({
    code: 'CLI.STOP_FAILED' satisfies CliErrorCode,
    why: `Still there: ${left.map(({ name, pid }) => `${name} (process ${pid})`).join(', ')}.`,
    fix: 'The next start ends them, or end them yourself.',
  });
}
