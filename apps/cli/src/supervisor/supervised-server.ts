import type { ServerExit } from '@capstan/embedded';
import { KILL_MS } from '../limits.ts';
import { sendSignal } from './process-identity.ts';
import { RestartBackoff } from './restart-backoff.ts';
import type { ProcessState, ProcessStatus } from './stack-status.ts';
import type { ProcessListener } from './supervised-process.ts';

/** A running embedded server, as far as its supervisor cares. */
export interface RunningServer {
  readonly port: number;
  readonly pid: number;
  readonly exited: Promise<ServerExit>;
  stop(): Promise<ServerExit>;
}

/** NATS or PostgreSQL under supervision: one that dies comes back on the same port with the same data. */
export class SupervisedServer<S extends RunningServer> {
  readonly name: string;
  readonly #launch: (port: number | undefined) => Promise<S>;
  readonly #listener: Pick<ProcessListener, 'onChange' | 'onEvent'>;
  readonly #backoff = new RestartBackoff();
  #server: S | undefined;
  #state: ProcessState = 'stopped';
  #problem = '';
  #restarts = 0;
  #startedMs = 0;
  #stopping = false;
  #timer: NodeJS.Timeout | undefined;
  /** The launch under way; never rejects. */
  #launching: Promise<void> = Promise.resolve();

  /** @param launch starts it on a port; on any free one, or the configured one, where that is undefined. */
  constructor(
    name: string,
    launch: (port: number | undefined) => Promise<S>,
    listener: Pick<ProcessListener, 'onChange' | 'onEvent'>,
  ) {
    this.name = name;
    this.#launch = launch;
    this.#listener = listener;
  }

  get status(): ProcessStatus {
    return {
      name: this.name,
      state: this.#state,
      pid: this.#server?.pid,
      uptimeMs: this.#server === undefined ? undefined : performance.now() - this.#startedMs,
      restarts: this.#restarts,
      problem: this.#problem,
    };
  }

  /** Starts it for the first time. @throws whatever the launch throws. */
  async start(): Promise<S> {
    this.#become('starting', '');
    const running = this.#run(undefined);
    this.#launching = running.then(
      () => undefined,
      () => this.#become('failed', 'cannot be started'),
    );
    return running;
  }

  async #run(port: number | undefined): Promise<S> {
    const server = await this.#launch(port);
    this.#server = server;
    this.#startedMs = performance.now();
    this.#become('ready', '');
    void server.exited.then((exit) => this.#onExit(server, exit));
    return server;
  }

  #onExit(server: S, exit: ServerExit): void {
    this.#server = undefined;
    if (this.#stopping || exit.expected) {
      this.#become('stopped', '');
      return;
    }
    const delayMs = this.#backoff.afterCrash(performance.now() - this.#startedMs);
    this.#listener.onEvent(
      'error',
      this.name,
      `ended (${exit.signal ?? `exit code ${exit.code}`}). Starting it again in ${delayMs} ms.`,
    );
    this.#again(server.port, delayMs);
  }

  #again(port: number, delayMs: number): void {
    this.#become('waiting', `starts again in ${delayMs} ms`);
    this.#timer = setTimeout(() => {
      this.#restarts += 1;
      this.#become('starting', '');
      this.#launching = this.#run(port).then(
        () => this.#listener.onEvent('info', this.name, `runs again on port ${port}`),
        (error: unknown) => {
          const why = error instanceof Error ? error.message : String(error);
          this.#listener.onEvent('error', this.name, `cannot be started: ${why}`);
          if (!this.#stopping) this.#again(port, this.#backoff.afterCrash(0));
        },
      );
    }, delayMs);
  }

  /** Stops it gracefully, then urgently. */
  async stop(): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#timer);
    await this.#launching;
    if (this.#server === undefined) {
      this.#become('stopped', '');
      return;
    }
    this.#become('stopping', '');
    await this.#server.stop();
  }

  /** Ends it at once; what it acknowledged is kept. */
  async kill(): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#timer);
    const server = this.#server;
    if (server === undefined) return;
    sendSignal(server.pid, 'SIGQUIT');
    const killer = setTimeout(() => sendSignal(server.pid, 'SIGKILL'), KILL_MS);
    await server.exited;
    clearTimeout(killer);
  }

  #become(state: ProcessState, problem: string): void {
    this.#state = state;
    this.#problem = problem;
    this.#listener.onChange(this.name);
  }
}
