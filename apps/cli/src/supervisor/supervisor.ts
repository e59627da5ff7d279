import { join } from 'node:path';
import { waitUntil } from '@capstan/embedded';
import {
  BOTS_POLL_MS,
  DRAIN_MS,
  HEAD_START_MS,
  HEALTH_POLL_MS,
  HEALTH_POLL_STARTING_MS,
  REPEAT_MS,
  WATCH_MS,
} from '../limits.ts';
import { LogFile } from './log-file.ts';
import { formatLogLine, type LogLine } from './log-line.ts';
import { processIdentity } from './process-identity.ts';
import { type RecordedProcess, type RunRecord, writeRunRecord } from './run-file.ts';
import type { BotStatus, ProcessStatus, StackStatus } from './stack-status.ts';
import { type ProcessListener, type ProcessSpec, SupervisedProcess } from './supervised-process.ts';

/** A server below the services: NATS or PostgreSQL. */
export interface ServerUnderneath {
  readonly status: ProcessStatus;
  stop(): Promise<void>;
  kill(): Promise<void>;
}

/** Where the supervisor says what people should see. */
export interface StackConsole {
  /** A line from a process, or the supervisor's own about one. */
  say(level: 'info' | 'warn' | 'error', name: string, text: string): void;
  /** The status has changed; `read` tells it as it is whenever it is asked. */
  show(read: () => StackStatus): void;
}

/** What a supervisor is made of. */
export interface SupervisorOptions {
  readonly dataDir: string;
  readonly environment: string;
  /** The claimed record; processes are written into it as they come and go. */
  readonly record: RunRecord;
  readonly restart: boolean;
  /** Writes the logs as JSON lines. */
  readonly jsonLogs: boolean;
  readonly console: StackConsole;
  /** Asks for the bots; undefined while they cannot be had. */
  readonly askBots?: () => Promise<readonly BotStatus[] | undefined>;
  /** How long services may drain. Default 25 s. */
  readonly drainMs?: number;
}

/** Starts the processes of a stack, restarts what crashes, and stops them all. */
export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #servers: ServerUnderneath[] = [];
  readonly #processes: SupervisedProcess[] = [];
  readonly #logs = new Map<string, LogFile>();
  /** The next look of each watcher. */
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #lastSaid = new Map<string, { readonly text: string; readonly atMs: number }>();
  #record: RunRecord;
  #phase: StackStatus['phase'] = 'starting';
  #bots: readonly BotStatus[] | undefined;
  #stopping: Promise<void> | undefined;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#record = options.record;
  }

  /** What processes and servers tell. */
  readonly listener: ProcessListener = {
    onLine: (name, line, raw) => this.#onLine(name, line, raw),
    onChange: () => this.#onChange(),
    onEvent: (level, name, text) => {
      this.#write(name, { level, text, time: undefined, isRaw: true }, '');
      this.#options.console.say(level, name, text);
    },
  };

  get status(): StackStatus {
    const { environment } = this.#options;
    const { runId, dashboardUrl } = this.#record;
    return {
      phase: this.#phase,
      environment,
      runId,
      dashboardUrl,
      processes: [
        ...this.#servers.map((server) => server.status),
        ...this.#processes.map((one) => one.status),
      ],
      bots: this.#bots,
    };
  }

  /** Notes where things are, for `status` and for those who read the run record. */
  describe(
    change: Partial<
      Pick<
        RunRecord,
        | 'supervisorUrl'
        | 'dashboardUrl'
        | 'executionAddress'
        | 'exchangeAddress'
        | 'natsUrl'
        | 'postgresUrl'
      >
    >,
  ): void {
    this.#record = { ...this.#record, ...change };
    this.#save();
  }

  /** Takes servers under its wing: shown, recorded and stopped with the rest. */
  addServers(servers: readonly ServerUnderneath[]): void {
    this.#servers.push(...servers);
    this.#onChange();
  }

  /** Starts the services, the first a moment before the others, and watches them from now on. */
  async startServices(specs: readonly ProcessSpec[]): Promise<void> {
    const { restart, askBots } = this.#options;
    for (const spec of specs) {
      this.#processes.push(new SupervisedProcess(spec, restart, this.listener));
    }
    const start = (one: SupervisedProcess): void => {
      one.start();
      this.#watch(one);
    };
    const first = this.#processes.filter(({ spec }) => spec.isFirst === true);
    for (const one of first) start(one);
    if (first.length > 0)
      await waitUntil(() => this.#letOthersStart(first), HEAD_START_MS, WATCH_MS);
    if (this.#phase === 'stopping') return;
    for (const one of this.#processes) if (!first.includes(one)) start(one);
    this.#phase = 'running';
    if (askBots !== undefined) this.#watchBots(askBots);
    this.#onChange();
  }

  #letOthersStart(first: readonly SupervisedProcess[]): boolean {
    return this.#phase === 'stopping' || first.every(({ status }) => status.state !== 'starting');
  }

  #watch(one: SupervisedProcess): void {
    const look = async (): Promise<void> => {
      await one.check();
      if (this.#phase === 'stopping') return;
      const everyMs = one.status.state === 'ready' ? HEALTH_POLL_MS : HEALTH_POLL_STARTING_MS;
      this.#later(one.spec.name, look, everyMs);
    };
    this.#later(one.spec.name, look, HEALTH_POLL_STARTING_MS);
  }

  #watchBots(askBots: () => Promise<readonly BotStatus[] | undefined>): void {
    const look = async (): Promise<void> => {
      const isEarly = this.#processes.some(({ status }) => status.state === 'starting');
      const bots = isEarly ? undefined : await askBots().catch(() => undefined);
      if (this.#phase === 'stopping') return;
      if (bots !== undefined) this.#bots = bots;
      this.#options.console.show(() => this.status);
      const everyMs = bots === undefined ? HEALTH_POLL_MS : BOTS_POLL_MS;
      this.#later('bots', look, everyMs);
    };
    void look();
  }

  #later(watcher: string, look: () => Promise<void>, inMs: number): void {
    this.#timers.set(
      watcher,
      setTimeout(() => void look(), inMs),
    );
  }

  /** Drains the services wave by wave, then stops the servers underneath. Every call waits for the same end. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stopAll();
    return this.#stopping;
  }

  async #stopAll(): Promise<void> {
    this.#endWatching();
    const waves = [...new Set(this.#processes.map(({ spec }) => spec.stopWave))].sort();
    for (const wave of waves) {
      const members = this.#processes.filter(({ spec }) => spec.stopWave === wave);
      await Promise.all(members.map((one) => one.stop(this.#options.drainMs ?? DRAIN_MS)));
    }
    await Promise.all(this.#servers.map((server) => server.stop()));
    for (const log of this.#logs.values()) log.close();
    this.#logs.clear();
  }

  /** Ends everything at once; {@link stop} then returns. */
  async kill(): Promise<void> {
    this.#endWatching();
    for (const one of this.#processes) one.kill();
    await Promise.all(this.#servers.map((server) => server.kill()));
  }

  #endWatching(): void {
    this.#phase = 'stopping';
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#onChange();
  }

  #onChange(): void {
    this.#save();
    this.#options.console.show(() => this.status);
  }

  #save(): void {
    const known = new Map(this.#record.processes.map((one) => [`${one.name} ${one.pid}`, one]));
    const processes = this.status.processes.flatMap(({ name, pid }): RecordedProcess[] => {
      if (pid === undefined) return [];
      const identity = known.get(`${name} ${pid}`) ?? processIdentity(pid);
      return identity === undefined ? [] : [{ name, pid, startTime: identity.startTime }];
    });
    this.#record = { ...this.#record, processes };
    writeRunRecord(this.#options.dataDir, this.#record);
  }

  #onLine(name: string, line: LogLine, raw: string): void {
    this.#write(name, line, raw);
    // Stacks go to the log; the end of the process says the line that matters.
    if (line.isRaw || line.level === 'debug' || line.level === 'info') return;
    const last = this.#lastSaid.get(name);
    const nowMs = performance.now();
    this.#lastSaid.set(name, { text: line.text, atMs: nowMs });
    // Ten connections that are lost at once are ten lines in the log, and one on the screen.
    if (last?.text === line.text && nowMs - last.atMs < REPEAT_MS) return;
    this.#options.console.say(line.level === 'warn' ? 'warn' : 'error', name, line.text);
  }

  #write(name: string, line: LogLine, raw: string): void {
    const log = this.#logs.get(name) ?? new LogFile(logPath(this.#options.dataDir, name));
    this.#logs.set(name, log);
    log.write(
      this.#options.jsonLogs ? jsonLine(name, line, raw) : formatLogLine(name, line, Date.now()),
    );
  }
}

/** A line as JSON: the service's own, or one made of text that was none. */
function jsonLine(service: string, line: LogLine, raw: string): string {
  if (line.time !== undefined) return raw;
  const time = new Date().toISOString();
  return JSON.stringify({ level: line.level, time, service, msg: line.text });
}

/** Where the log of a process is. */
export function logPath(dataDir: string, name: string): string {
  return join(dataDir, 'logs', `${name}.log`);
}
