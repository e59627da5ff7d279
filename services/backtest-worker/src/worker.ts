import { backtestService, subjects } from '@capstan/contracts';
import { AppError, deriveId } from '@capstan/domain';
import type { Bus, Clock, Log, Meter, Store, WorkItem, WorkQueue } from '@capstan/ports';
import { type JobSpec, parseJob } from './config.ts';
import { LIMITS } from './limits.ts';
import { type JobResult, type JobWorld, runJob } from './run-job.ts';
import { METRICS } from './telemetry.ts';

export interface WorkerPorts {
  readonly store: Store;
  readonly bus: Bus;
  readonly queue: WorkQueue;
  readonly clock: Clock;
  readonly log: Log;
  readonly meter: Meter;
}

/** Reads what a job plays. */
export type OpenWorld = (spec: JobSpec) => Promise<JobWorld>;

/** The class of work that one process computes by itself. */
export const WORK_CLASS = 'run';

/** Takes jobs from the queue, one at a time, and stores what came of each. */
export class Worker {
  readonly #ports: WorkerPorts;
  readonly #openWorld: OpenWorld;
  readonly #stop = new AbortController();
  #running: Promise<void> | undefined;

  constructor(ports: WorkerPorts, openWorld: OpenWorld) {
    this.#ports = ports;
    this.#openWorld = openWorld;
  }

  /** Works until `stop`. */
  run(): Promise<void> {
    this.#running ??= this.#run();
    return this.#running;
  }

  /** Gives the job in hand back at its next look up, and resolves when it has. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { queue, clock, log } = this.#ports;
    const subject = subjects.backtestWork(WORK_CLASS);
    while (!this.#stop.signal.aborted) {
      try {
        const items = await queue.take({ subject, max: 1, waitMs: LIMITS.takeWaitMs });
        for (const item of items) await this.#work(item);
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        log.warn('the work queue gave way', { error });
        await clock.sleep(LIMITS.retryMs, this.#stop.signal);
      }
    }
  }

  async #work(item: WorkItem): Promise<void> {
    const { store, clock, log, meter } = this.#ports;
    const { jobId, specJson } = backtestService.BacktestWork.decode(item.data);
    try {
      await store.startJob(jobId, clock.nowUs());
      const result = await this.#compute(jobId, specJson, item);
      if (result === undefined) {
        await item.giveBack(0);
        return;
      }
      const text = JSON.stringify(result);
      await store.finishJob(
        jobId,
        { kind: 'done', result: text, digest: deriveId('result', text) },
        clock.nowUs(),
      );
      await this.#say(jobId, 'done', `${result.fills} fills on ${result.bars} bars`);
      meter.count(METRICS.jobs, 1, { outcome: 'done' });
      meter.count(METRICS.bars, result.bars);
      await item.done();
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      if (error.retry === 'retryable') {
        log.warn('a job is given back', { job: jobId, error });
        await item.giveBack(LIMITS.giveBackMs);
        return;
      }
      log.warn('a job failed', { job: jobId, error });
      meter.count(METRICS.jobs, 1, { outcome: 'failed' });
      await store.finishJob(jobId, { kind: 'failed', error: error.message }, clock.nowUs());
      await this.#say(jobId, 'failed', error.message);
      await item.discard(error.message);
    }
  }

  /** Computes a job, saying now and then that it goes on; `undefined` when it is told to stop. */
  async #compute(jobId: string, specJson: string, item: WorkItem): Promise<JobResult | undefined> {
    const { clock } = this.#ports;
    const spec = parseJob(specJson);
    const run = runJob(jobId, spec, await this.#openWorld(spec));
    let saidAtMs = clock.monotonicMs();
    for (;;) {
      const step = run.next();
      if (step.done === true) return step.value;
      await clock.sleep(0);
      if (this.#stop.signal.aborted) return undefined;
      if (clock.monotonicMs() - saidAtMs < LIMITS.heartbeatMs) continue;
      await item.working();
      saidAtMs = clock.monotonicMs();
    }
  }

  async #say(jobId: string, state: string, message: string): Promise<void> {
    const data = backtestService.BacktestEvent.encode({ jobId, state, message }).finish();
    const messageId = deriveId('backtest-event', jobId, state);
    await this.#ports.bus.publish([
      { subject: subjects.backtestEvent(jobId), data, headers: {}, messageId },
    ]);
  }
}
