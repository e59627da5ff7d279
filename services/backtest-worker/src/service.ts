import { backtestService, type Implementation, int64, subjects } from '@capstan/contracts';
import { deriveId } from '@capstan/domain';
import type { Clock, JobRecord, Store, WorkQueue } from '@capstan/ports';
import { parseJob } from './config.ts';
import { LIMITS } from './limits.ts';
import { WORK_CLASS } from './worker.ts';

type Definition = typeof backtestService.BacktestServiceDefinition;

/** Takes jobs and tells of them. */
export class BacktestService implements Implementation<Definition> {
  readonly #ports: { readonly store: Store; readonly queue: WorkQueue; readonly clock: Clock };

  constructor(ports: { store: Store; queue: WorkQueue; clock: Clock }) {
    this.#ports = ports;
  }

  /**
   * Queues a job.
   * @idempotent by the specification: the same one is the same job.
   */
  async submitJob(
    request: backtestService.SubmitJobRequest,
  ): Promise<backtestService.SubmitJobResponse> {
    const { store, queue, clock } = this.#ports;
    parseJob(request.specJson);
    const jobId = deriveId('job', request.specJson);
    const known = await store.job(jobId);
    if (known !== undefined && known.state !== 'queued') return { job: jobToWire(known) };
    const nowUs = clock.nowUs();
    const job: JobRecord = {
      jobId,
      spec: request.specJson,
      state: 'queued',
      createdAtUs: nowUs,
      updatedAtUs: nowUs,
    };
    if (known === undefined) await store.addJob(job);
    await queue.add({
      subject: subjects.backtestWork(WORK_CLASS),
      data: backtestService.BacktestWork.encode({ jobId, specJson: request.specJson }).finish(),
      headers: {},
      messageId: jobId,
    });
    return { job: jobToWire(known ?? job) };
  }

  async getJob(request: backtestService.GetJobRequest): Promise<backtestService.GetJobResponse> {
    const job = await this.#ports.store.job(request.jobId);
    return { job: job && jobToWire(job) };
  }

  async listJobs(
    request: backtestService.ListJobsRequest,
  ): Promise<backtestService.ListJobsResponse> {
    const most = Math.min(request.limit === 0 ? LIMITS.jobsMax : request.limit, LIMITS.jobsMax);
    return { jobs: (await this.#ports.store.jobs(most)).map(jobToWire) };
  }
}

function jobToWire(job: JobRecord): backtestService.Job {
  return {
    jobId: job.jobId,
    specJson: job.spec,
    state: job.state,
    resultJson: job.result ?? '',
    digest: job.digest ?? '',
    error: job.error ?? '',
    createdAtUs: int64.of(job.createdAtUs),
    updatedAtUs: int64.of(job.updatedAtUs),
  };
}
