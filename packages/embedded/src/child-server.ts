import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { AppError, assert } from '@capstan/domain';
import { OUTPUT_TAIL_CHARS, START_TIMEOUT_MS, STOP_GRACE_MS, STOP_URGENT_MS } from './limits.ts';

/** How a server process ended. */
export interface ServerExit {
  /** Exit code, or undefined when a signal ended it. */
  readonly code: number | undefined;
  readonly signal: NodeJS.Signals | undefined;
  /** True when `stop()` asked for it. */
  readonly expected: boolean;
}

/** A user and group to run as. */
export interface Identity {
  readonly uid: number;
  readonly gid: number;
}

/** What to start, and how to tell that it is ready and how to stop it. */
export interface ChildServerPlan {
  /** The server's name as a person calls it. */
  readonly name: string;
  readonly binary: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly identity?: Identity | undefined;
  readonly environment?: Readonly<Record<string, string>>;
  /** A line that contains this text means ready. */
  readonly readyText: string;
  /** A graceful signal, then a more urgent one; SIGKILL follows by itself. */
  readonly stopSignals: readonly [NodeJS.Signals, NodeJS.Signals];
  readonly startTimeoutMs?: number | undefined;
  /** How long each of the two signals may take, in milliseconds. */
  readonly stopWaitsMs?: readonly [number, number] | undefined;
  readonly log?: ((line: string) => void) | undefined;
}

/** A running server process. */
export interface ChildServer {
  readonly pid: number;
  /** Settles when the process has ended, for whatever reason; never rejects. */
  readonly exited: Promise<ServerExit>;
  /** Stops it gracefully, then urgently, then with SIGKILL; returns when it has ended. */
  stop(): Promise<ServerExit>;
}

/**
 * Starts a server, waits until it says that it is ready, and sets a guard that stops it should this process die.
 * It runs in a process group of its own, so that Ctrl-C reaches the services before it.
 * @throws EMBEDDED.START_FAILED with the end of its output.
 */
export async function startChildServer(plan: ChildServerPlan): Promise<ChildServer> {
  const child = spawn(plan.binary, plan.args, {
    ...plan.identity,
    cwd: plan.cwd,
    env: { PATH: '/usr/bin:/bin', LC_ALL: 'C', ...plan.environment },
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
  });
  const failure = new Promise<Error>((resolve) => child.once('error', resolve));
  let stopping = false;
  const exited = exitOf(child, () => stopping);
  const output = await waitForReady(plan, child, exited, failure);
  const guard = guardChild(pidOf(child), plan.stopSignals);
  void exited.then(() => guard.kill('SIGKILL'));
  output.resume();
  return {
    pid: pidOf(child),
    exited,
    stop: () => {
      stopping = true;
      return stopChild(child, exited, plan);
    },
  };
}

function pidOf(child: ChildProcess): number {
  assert(child.pid !== undefined, 'a started process has a pid');
  return child.pid;
}

function exitOf(child: ChildProcess, isExpected: () => boolean): Promise<ServerExit> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) =>
      resolve({ code: code ?? undefined, signal: signal ?? undefined, expected: isExpected() }),
    );
    child.once('error', () =>
      resolve({ code: undefined, signal: undefined, expected: isExpected() }),
    );
  });
}

async function waitForReady(
  plan: ChildServerPlan,
  child: ChildProcess,
  exited: Promise<ServerExit>,
  failure: Promise<Error>,
): Promise<Readable> {
  const stderr = child.stderr;
  assert(stderr !== null, 'the standard error of a server is piped');
  let tail = '';
  const lines = createInterface({ input: stderr });
  const closed = once(lines, 'close');
  const timeout = Promise.withResolvers<'timeout'>();
  const timer = setTimeout(timeout.resolve, plan.startTimeoutMs ?? START_TIMEOUT_MS, 'timeout');
  const ready = new Promise<'ready'>((resolve) => {
    lines.on('line', (line) => {
      plan.log?.(line);
      tail = `${tail}${line}\n`.slice(-OUTPUT_TAIL_CHARS);
      if (line.includes(plan.readyText)) resolve('ready');
    });
  });
  const outcome = await Promise.race([ready, failure, exited, timeout.promise]);
  clearTimeout(timer);
  if (outcome === 'ready') return stderr;
  if (outcome === 'timeout') child.kill('SIGKILL');
  if (child.pid !== undefined) await closed;
  throw startFailed(plan, outcome, tail);
}

function startFailed(
  plan: ChildServerPlan,
  outcome: 'timeout' | Error | ServerExit,
  tail: string,
): AppError {
  const how =
    outcome === 'timeout'
      ? 'was not ready in time'
      : outcome instanceof Error
        ? `could not be run (${outcome.message})`
        : `ended with ${outcome.signal ?? `code ${outcome.code}`} before it was ready`;
  const said = tail === '' ? '' : ` It said:\n${tail.trimEnd()}\n`;
  return new AppError({
    code: 'EMBEDDED.START_FAILED',
    why: `${plan.name} (${plan.binary}) ${how}.${said}`,
    retry: 'retryable',
    cause: outcome instanceof Error ? outcome : undefined,
  });
}

async function stopChild(
  child: ChildProcess,
  exited: Promise<ServerExit>,
  plan: ChildServerPlan,
): Promise<ServerExit> {
  const [graceful, urgent] = plan.stopSignals;
  const [gracefulMs, urgentMs] = plan.stopWaitsMs ?? [STOP_GRACE_MS, STOP_URGENT_MS];
  const steps = [
    { signal: graceful, waitMs: gracefulMs },
    { signal: urgent, waitMs: urgentMs },
  ];
  for (const { signal, waitMs } of steps) {
    child.kill(signal);
    const timeout = Promise.withResolvers<undefined>();
    const timer = setTimeout(timeout.resolve, waitMs, undefined);
    const exit = await Promise.race([exited, timeout.promise]);
    clearTimeout(timer);
    if (exit !== undefined) return exit;
  }
  child.kill('SIGKILL');
  return exited;
}

/** Waits on a pipe whose other end closes when this process dies, then stops the server. */
const GUARD_SCRIPT = `
trap '' INT TERM HUP
read -r _
kill -s "$2" "$1" 2>/dev/null || exit 0
waited=0
while kill -0 "$1" 2>/dev/null && [ "$waited" -lt 100 ]; do sleep 0.1; waited=$((waited + 1)); done
kill -s "$3" "$1" 2>/dev/null || exit 0
sleep 3
kill -s KILL "$1" 2>/dev/null
`;

function guardChild(pid: number, signals: readonly [NodeJS.Signals, NodeJS.Signals]): ChildProcess {
  const names = signals.map((signal) => signal.replace(/^SIG/, ''));
  const guard = spawn('/bin/sh', ['-c', GUARD_SCRIPT, 'capstan-guard', String(pid), ...names], {
    cwd: '/',
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  guard.on('error', () => undefined);
  guard.stdin?.on('error', () => undefined);
  guard.unref();
  return guard;
}
