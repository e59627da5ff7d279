import { backtestService, subjects, WORK_CLASSES } from '@capstan/contracts';
import { AppError, deriveId } from '@capstan/domain';
import type { RunSteps } from '@capstan/engine';
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

/** How often a job in hand does what; milliseconds. */
export type WorkerSettings = Readonly<Record<'heartbeatMs' | 'lookUpMs' | 'progressMs', number>>;

/** The class of work that one process computes by itself. */
export const [WORK_CLASS] = WORK_CLASSES;

/** Takes jobs from the queue, one at a time, and stores what came of each. */
export class Worker {
  readonly #ports: WorkerPorts;
  readonly #openWorld: OpenWorld;
  readonly #settings: WorkerSettings;
  readonly #stop = new AbortController();
  #running: Promise<void> | undefined;

  constructor(ports: WorkerPorts, openWorld: OpenWorld, settings: WorkerSettings = LIMITS) {
    this.#ports = ports;
    this.#openWorld = openWorld;
    this.#settings = settings;
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
    const { queue, clock, log, meter } = this.#ports;
    // From the first look on there is a row of each, so that the first failure is seen as one.
    meter.gauge(METRICS.busy, 0);
    for (const outcome of ['done', 'failed']) meter.count(METRICS.jobs, 0, { outcome });
    meter.count(METRICS.bars, 0);
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

  /** Does a job, and measures it. */
  async #work(item: WorkItem): Promise<void> {
    const { clock, meter } = this.#ports;
    const startMs = clock.monotonicMs();
    meter.gauge(METRICS.busy, 1);
    try {
      const outcome = await this.#do(item);
      meter.observe(METRICS.jobSeconds, (clock.monotonicMs() - startMs) / 1_000, { outcome });
    } finally {
      meter.gauge(METRICS.busy, 0);
    }
  }

  async #do(item: WorkItem): Promise<'done' | 'failed' | 'given_back'> {
    const { store, clock, log, meter } = this.#ports;
    const { jobId, specJson } = backtestService.BacktestWork.decode(item.data);
    try {
      await store.startJob(jobId, clock.nowUs());
      const result = await this.#compute(jobId, specJson, item);
      if (result === undefined) {
        await item.giveBack(0);
        return 'given_back';
      }
      const text = JSON.stringify(result);
      await store.finishJob(
        jobId,
        { kind: 'done', result: text, digest: deriveId('result', text) },
        clock.nowUs(),
      );
      const message = `${result.fills} fills on ${result.bars} bars`;
      await this.#say({ jobId, state: 'done', message, doneFraction: 1 });
      meter.count(METRICS.jobs, 1, { outcome: 'done' });
      meter.count(METRICS.bars, result.bars);
      await item.done();
      return 'done';
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      if (error.retry === 'retryable') {
        log.warn('a job is given back', { job: jobId, error });
        await item.giveBack(LIMITS.giveBackMs);
        return 'given_back';
      }
      log.warn('a job failed', { job: jobId, error });
      meter.count(METRICS.jobs, 1, { outcome: 'failed' });
      await store.finishJob(jobId, { kind: 'failed', error: error.message }, clock.nowUs());
      await this.#say({ jobId, state: 'failed', message: error.message, doneFraction: 0 });
      await item.discard(error.message);
      return 'failed';
    }
  }

  /** Computes a job while the queue is told that it goes on; `undefined` when it is told to stop. */
  async #compute(jobId: string, specJson: string, item: WorkItem): Promise<JobResult | undefined> {
    const over = new AbortController();
    const beating = this.#beat(jobId, item, over.signal);
    try {
      const spec = parseJob(specJson);
      return await this.#play(jobId, runJob(jobId, spec, await this.#openWorld(spec)));
    } finally {
      over.abort();
      await beating;
    }
  }

  /** Says now and then of a job in hand that it goes on, so that the queue gives it to nobody else. */
  async #beat(jobId: string, item: WorkItem, signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#ports;
    for (;;) {
      await clock.sleep(this.#settings.heartbeatMs, signal);
      if (signal.aborted) return;
      try {
        await item.working();
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        log.warn('the queue could not be told that a job goes on', { job: jobId, error });
      }
    }
  }

  /** Goes through a run, and looks up now and then. */
  async #play(jobId: string, run: RunSteps<JobResult>): Promise<JobResult | undefined> {
    const { clock } = this.#ports;
    const { lookUpMs, progressMs } = this.#settings;
    let [lookedUpMs, saidMs] = [clock.monotonicMs(), clock.monotonicMs()];
    for (;;) {
      const step = run.next();
      if (step.done === true) return step.value;
      if (clock.monotonicMs() - lookedUpMs < lookUpMs) continue;
      await clock.sleep(0);
      if (this.#stop.signal.aborted) return undefined;
      lookedUpMs = clock.monotonicMs();
      if (lookedUpMs - saidMs < progressMs) continue;
      saidMs = lookedUpMs;
      await this.#sayProgress(jobId, step.value.doneFraction);
    }
  }

  /** Whoever computes the job again says what it has said before once more: it is stored once. */
  async #sayProgress(jobId: string, doneFraction: number): Promise<void> {
    const shown = `${Math.floor(100 * doneFraction)} %`;
    try {
      await this.#say({ jobId, state: 'running', message: `${shown} done`, doneFraction }, shown);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      this.#ports.log.warn('how far a job is could not be told', { job: jobId, error });
    }
  }

  /** @param which tells apart what is said of one job in one state. */
  async #say(event: backtestService.BacktestEvent, which = ''): Promise<void> {
    const data = backtestService.BacktestEvent.encode(event).finish();
    const { jobId, state } = event;
    const messageId = deriveId('backtest-event', jobId, state, ...(which === '' ? [] : [which]));
    await this.#ports.bus.publish([
      { subject: subjects.backtestEvent(jobId), data, headers: {}, messageId },
    ]);
  }
}
