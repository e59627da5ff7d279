import type { TimeUs } from '@capstan/domain';
import type { JobOutcome, JobRecord } from '@capstan/ports';
import { MemoryTable } from './memory-table.ts';
import { portErrors } from './port-errors.ts';

/** Backtest jobs: a result, once there, stays. */
export class MemoryJobs {
  readonly #jobs = new MemoryTable<JobRecord>('job', (row) => [row.jobId]);

  add(job: JobRecord): void {
    this.#jobs.insert(job);
  }

  get(jobId: string): JobRecord | undefined {
    return this.#jobs.get(jobId);
  }

  latest(limit: number): JobRecord[] {
    return this.#jobs.latest(
      () => true,
      (row) => row.createdAtUs,
      limit,
    );
  }

  start(jobId: string, atUs: TimeUs): void {
    const job = this.#jobs.get(jobId);
    if (job === undefined || job.state === 'done') return;
    this.#jobs.put({ ...job, state: 'running', updatedAtUs: atUs });
  }

  /** @throws STORE.CONFLICT */
  finish(jobId: string, outcome: JobOutcome, atUs: TimeUs): void {
    const job = this.#jobs.get(jobId);
    if (job === undefined) throw portErrors.conflict(`there is no job ${jobId}.`);
    if (outcome.kind === 'failed') {
      if (job.state === 'done') return;
      this.#jobs.put({ ...job, state: 'failed', error: outcome.error, updatedAtUs: atUs });
      return;
    }
    const { result, digest } = outcome;
    if (job.digest !== undefined) {
      if (job.digest === digest) return;
      throw portErrors.conflict(`job ${jobId} has result ${job.digest}, and now ${digest}.`);
    }
    const { error: _, ...kept } = job;
    this.#jobs.put({ ...kept, state: 'done', result, digest, updatedAtUs: atUs });
  }
}
