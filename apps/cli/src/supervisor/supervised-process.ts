import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { EXIT } from '@capstan/runtime';
import { HEALTH_SILENCE_MAX, LAST_WORDS_MS, TAIL_LINES } from '../limits.ts';
import { askHealth } from './ask-health.ts';
import { type LogLine, readLogLine, tellingLine } from './log-line.ts';
import { sendSignal } from './process-identity.ts';
import { RestartBackoff } from './restart-backoff.ts';
import type { ProcessState, ProcessStatus } from './stack-status.ts';

/** A process that the supervisor starts, watches, and starts again. */
export interface ProcessSpec {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Base URL of its probes. */
  readonly url: string;
  /** Lower waves are stopped first. */
  readonly stopWave: number;
  /** Started a moment before the others. */
  readonly isFirst?: boolean;
  /** Called when a process of it has ended by itself: what it held can be handed over. */
  readonly onGone?: (pid: number) => void;
}

/** Whom a supervised process tells what happens. */
export interface ProcessListener {
  onLine(name: string, line: LogLine, raw: string): void;
  /** Something that the status shows has changed. */
  onChange(name: string): void;
  /** Something happened that a person should read. */
  onEvent(level: 'info' | 'warn' | 'error', name: string, text: string): void;
}

/** One service as a process: started in a group of its own, so that Ctrl-C reaches only the supervisor. */
export class SupervisedProcess {
  readonly spec: ProcessSpec;
  readonly #listener: ProcessListener;
  readonly #restart: boolean;
  readonly #backoff = new RestartBackoff();
  #child: ChildProcess | undefined;
  #exited: Promise<void> = Promise.resolve();
  #state: ProcessState = 'stopped';
  #problem = '';
  #restarts = 0;
  #startedMs = 0;
  #wellSinceMs: number | undefined;
  #wasWell = false;
  #silences = 0;
  #timer: NodeJS.Timeout | undefined;
  #tail: string[] = [];

  constructor(spec: ProcessSpec, restart: boolean, listener: ProcessListener) {
    this.spec = spec;
    this.#restart = restart;
    this.#listener = listener;
  }

  get status(): ProcessStatus {
    const running = this.#child !== undefined;
    return {
      name: this.spec.name,
      state: this.#state,
      pid: this.#child?.pid,
      uptimeMs: running ? performance.now() - this.#startedMs : undefined,
      restarts: this.#restarts,
      problem: this.#problem,
    };
  }

  start(): void {
    const { command, args, cwd, environment } = this.spec;
    this.#startedMs = performance.now();
    this.#wellSinceMs = undefined;
    this.#wasWell = false;
    this.#silences = 0;
    this.#tail = [];
    const child = spawn(command, args, {
      cwd,
      env: environment,
      // The pipe of standard input ends with this process, however it ends: the service watches it.
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
    });
    this.#child = child;
    child.stdin.on('error', () => undefined);
    this.#read(child.stdout, 'out');
    this.#read(child.stderr, 'err');
    this.#exited = new Promise((resolve) => {
      const ended = (how: string, code: number | null): void => {
        if (this.#child !== child) return;
        this.#child = undefined;
        if (child.pid !== undefined && this.#state !== 'stopping') this.spec.onGone?.(child.pid);
        this.#onExit(how, code);
        resolve();
      };
      child.once('error', (error) => ended(`could not be run: ${error.message}`, null));
      // Its last words may come after its end; a grandchild may hold the pipe for ever.
      child.once('exit', (code, signal) => {
        const end = (): void => ended(signal ?? `exit code ${code}`, code);
        const timer = setTimeout(end, LAST_WORDS_MS);
        child.once('close', () => {
          clearTimeout(timer);
          end();
        });
      });
    });
    this.#become('starting', '');
  }

  /** Asks how it is. Changes the state; kills a process that was well and has long stopped answering. */
  async check(): Promise<void> {
    const child = this.#child;
    const isAsked = ['starting', 'ready', 'unready'].includes(this.#state);
    if (child === undefined || !isAsked) return;
    const answer = await askHealth(this.spec.url);
    if (this.#child !== child || this.#state === 'stopping') return;
    this.#silences = answer.kind === 'silent' ? this.#silences + 1 : 0;
    if (answer.kind === 'ready') {
      this.#wellSinceMs ??= performance.now();
      const first = !this.#wasWell;
      this.#wasWell = true;
      this.#become('ready', '');
      if (first) this.#event('info', `ready after ${this.#sinceStart()}`);
      return;
    }
    this.#wellSinceMs = undefined;
    if (!this.#wasWell) this.#become('starting', answer.kind === 'silent' ? '' : answer.problem);
    else this.#become('unready', answer.problem);
    if (this.#wasWell && this.#silences >= HEALTH_SILENCE_MAX) {
      this.#event('error', 'does not answer any more: killed');
      sendSignal(child.pid ?? 0, 'SIGKILL');
    }
  }

  /** Lets it drain, and kills it when it takes longer than `graceMs`. Returns when it has ended. */
  async stop(graceMs: number): Promise<void> {
    clearTimeout(this.#timer);
    const child = this.#child;
    if (child === undefined) {
      this.#become('stopped', '');
      return;
    }
    this.#become('stopping', '');
    sendSignal(child.pid ?? 0, 'SIGTERM');
    const killer = setTimeout(() => {
      this.#event('warn', `did not drain within ${Math.round(graceMs / 1_000)} s: killed`);
      this.kill();
    }, graceMs);
    await this.#exited;
    clearTimeout(killer);
  }

  /** Ends it at once. */
  kill(): void {
    clearTimeout(this.#timer);
    if (this.#child === undefined) {
      this.#become('stopped', '');
      return;
    }
    this.#become('stopping', '');
    sendSignal(this.#child.pid ?? 0, 'SIGKILL');
  }

  #onExit(how: string, code: number | null): void {
    if (this.#state === 'stopping') {
      this.#become('stopped', '');
      return;
    }
    const wellForMs = this.#wellSinceMs === undefined ? 0 : performance.now() - this.#wellSinceMs;
    const said = tellingLine(this.#tail);
    const last = said === undefined ? '' : ` It said: ${said.trim()}.`;
    const text = `ended (${how}) after ${this.#sinceStart()}.${last}`;
    if (!this.#restart || code === EXIT.usage) {
      this.#become('failed', `ended (${how})`);
      const why = this.#restart ? 'Its configuration must be corrected.' : 'It stays down.';
      this.#event('error', `${text} ${why}`);
      return;
    }
    const delayMs = this.#backoff.afterCrash(wellForMs);
    this.#become('waiting', `ended (${how}), starts again in ${delayMs} ms`);
    this.#event('error', `${text} Starting it again in ${delayMs} ms.`);
    this.#timer = setTimeout(() => {
      this.#restarts += 1;
      this.start();
    }, delayMs);
  }

  #read(stream: Readable, kind: 'out' | 'err'): void {
    stream.on('error', () => undefined);
    createInterface({ input: stream }).on('line', (raw) => {
      const line = readLogLine(raw, kind);
      if (['warn', 'error', 'fatal'].includes(line.level)) {
        this.#tail = [...this.#tail, line.text].slice(-TAIL_LINES);
      }
      this.#listener.onLine(this.spec.name, line, raw);
    });
  }

  #sinceStart(): string {
    return `${((performance.now() - this.#startedMs) / 1_000).toFixed(1)} s`;
  }

  #event(level: 'info' | 'warn' | 'error', text: string): void {
    this.#listener.onEvent(level, this.spec.name, text);
  }

  #become(state: ProcessState, problem: string): void {
    if (this.#state === state && this.#problem === problem) return;
    this.#state = state;
    this.#problem = problem;
    this.#listener.onChange(this.spec.name);
  }
}
