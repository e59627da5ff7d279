import { AppError, type TimeUs } from '@capstan/domain';
import type { JobOutcome, JobRecord } from '@capstan/ports';
import type { PrismaReads } from './prisma-reads.ts';
import { fromFields } from './table.ts';
import { JOBS } from './tables.ts';

/** Writes a new job. @throws STORE.CONFLICT when there is one of that id. */
export async function addJob(prisma: PrismaReads, record: JobRecord): Promise<void> {
  const data = {
    ...record,
    createdAtUs: BigInt(record.createdAtUs),
    updatedAtUs: BigInt(record.updatedAtUs),
  };
  await prisma.run(`writing job ${record.jobId}`, ({ job }) =>
    job.create({ data, select: { jobId: true } }),
  );
}

export async function readJob(prisma: PrismaReads, jobId: string): Promise<JobRecord | undefined> {
  const row = await prisma.run(`reading job ${jobId}`, ({ job }) =>
    job.findUnique({ where: { jobId } }),
  );
  return row === null ? undefined : fromFields(JOBS, row);
}

/** Returns jobs, the latest created first. */
export async function readJobs(prisma: PrismaReads, limit: number): Promise<readonly JobRecord[]> {
  const rows = await prisma.run('reading jobs', ({ job }) =>
    job.findMany({ orderBy: [{ createdAtUs: 'desc' }, { id: 'desc' }], take: limit }),
  );
  return rows.map((row) => fromFields(JOBS, row));
}

/** Marks a job as running, unless it is done. */
export async function startJob(prisma: PrismaReads, jobId: string, atUs: TimeUs): Promise<void> {
  await prisma.run(`starting job ${jobId}`, ({ job }) =>
    job.updateMany({
      where: { jobId, state: { not: 'done' } },
      data: { state: 'running', updatedAtUs: BigInt(atUs) },
    }),
  );
}

/**
 * Stores a job's outcome. A result stays: the same again changes nothing, and neither does a failure after it.
 * @throws STORE.CONFLICT when it has a result of another digest, or is not there.
 */
export async function finishJob(
  prisma: PrismaReads,
  jobId: string,
  outcome: JobOutcome,
  atUs: TimeUs,
): Promise<void> {
  const data =
    outcome.kind === 'done'
      ? { state: 'done', result: outcome.result, digest: outcome.digest, error: null }
      : { state: 'failed', error: outcome.error };
  const { count } = await prisma.run(`finishing job ${jobId}`, ({ job }) =>
    job.updateMany({
      where: { jobId, state: { not: 'done' } },
      data: { ...data, updatedAtUs: BigInt(atUs) },
    }),
  );
  if (count > 0) return;
  const stored = await readJob(prisma, jobId);
  if (stored === undefined) {
    throw new AppError({ code: 'STORE.CONFLICT', why: `There is no job ${jobId} to finish.` });
  }
  if (outcome.kind === 'done' && stored.digest !== outcome.digest) {
    throw new AppError({
      code: 'STORE.CONFLICT',
      why: `Job ${jobId} has a result of digest ${stored.digest}; another came with ${outcome.digest}.`,
      fix: 'A job has one result, whoever computes it: look for what is not deterministic.',
    });
  }
}
