import { AppError } from '@capstan/domain';
import { within } from './deadline.ts';
import { EXIT } from './exit-codes.ts';
import type { GrpcServer } from './grpc-server.ts';
import { createHealth } from './health.ts';
import { type Host, SIGNAL_NUMBERS, type StopSignal } from './host.ts';
import type { HttpServer } from './http-server.ts';
import { CRASH_DRAIN_MS, TELEMETRY_FLUSH_MS } from './limits.ts';
import type { ServiceLog } from './logger.ts';
import type { WiredService } from './service-plan.ts';
import { endTracing } from './tracing.ts';

/** One process's way to its end. */
export class ServiceLife {
  readonly log: ServiceLog;
  readonly #host: Host;
  readonly health = createHealth();
  http: HttpServer | undefined;
  grpc: GrpcServer | undefined;
  wired: WiredService | undefined;
  isEnding = false;
  readonly #endings: (() => Promise<void>)[] = [];
  #drainDeadlineMs = 0;
  #metBug = false;

  constructor(log: ServiceLog, host: Host) {
    this.log = log;
    this.#host = host;
  }

  /** Adds what is to be ended last. */
  onEnd(ending: () => Promise<void>): void {
    this.#endings.push(ending);
  }

  /** Listens for signals and for errors that nobody caught. */
  watch(drainDeadlineMs: number): void {
    this.#drainDeadlineMs = drainDeadlineMs;
    this.#host.onSignal((signal) => void this.#onSignal(signal));
    this.#host.onUncaught((error) => void this.crash(error));
  }

  /** Ends when standard input does: the supervisor holds its other end, and has died. */
  watchSupervisor(): void {
    this.#host.onInputEnd(() => {
      if (this.isEnding) return;
      this.log.warn('the supervisor is gone: draining');
      void this.#drainAndExit(Math.min(CRASH_DRAIN_MS, this.#drainDeadlineMs), EXIT.ok);
    });
  }

  async #onSignal(signal: StopSignal): Promise<void> {
    if (this.isEnding) {
      this.log.warn('second signal: ending at once', { signal });
      return this.#exit(128 + SIGNAL_NUMBERS[signal]);
    }
    this.log.info('draining', { signal, deadlineMs: this.#drainDeadlineMs });
    await this.#drainAndExit(this.#drainDeadlineMs, EXIT.ok);
  }

  /** Logs a bug with its stack, drains briefly and ends. A further bug on the way out makes the exit code 70. */
  async crash(error: unknown): Promise<void> {
    const bug = error instanceof Error ? error : new Error(String(error));
    this.log.fatal('bug: ending', { error: bug });
    this.#metBug = true;
    if (this.isEnding) return;
    await this.#drainAndExit(Math.min(CRASH_DRAIN_MS, this.#drainDeadlineMs), EXIT.bug);
  }

  /** Ends after a start that did not succeed: an operating failure in one clear line, a bug as a bug. */
  async failedToStart(error: unknown): Promise<void> {
    if (this.isEnding) return;
    if (!(error instanceof AppError)) return this.crash(error);
    this.log.error(`cannot start: ${error.message}`, { code: error.code });
    await this.#drainAndExit(Math.min(CRASH_DRAIN_MS, this.#drainDeadlineMs), EXIT.failed);
  }

  async #drainAndExit(deadlineMs: number, code: number): Promise<void> {
    this.isEnding = true;
    this.health.setPhase('draining');
    void this.grpc?.refreshHealth();
    try {
      const drained = this.wired?.drain() ?? Promise.resolve();
      const isInTime = await within(deadlineMs, drained);
      if (!isInTime) this.log.warn('work in hand did not end in time', { deadlineMs });
      await Promise.all([this.grpc?.stop(CRASH_DRAIN_MS), this.http?.stop(CRASH_DRAIN_MS)]);
      const ended = Promise.all([endTracing(), ...this.#endings.map((ending) => ending())]);
      await within(TELEMETRY_FLUSH_MS, ended);
    } catch (error) {
      this.log.error('could not drain cleanly', { error });
      if (!(error instanceof AppError)) this.#metBug = true;
      else if (code === EXIT.ok) return this.#exit(EXIT.failed);
    }
    const exitCode = this.#metBug ? EXIT.bug : code;
    this.log.info('stopped', { exitCode });
    this.#exit(exitCode);
  }

  #exit(code: number): void {
    this.log.flush();
    this.#host.exit(code);
  }
}
