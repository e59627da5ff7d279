import { type backtestService, int64 } from '@capstan/contracts';
import { type AppError, hasCode } from '@capstan/domain';
import type { BacktestJobSpec, Resource, Status } from './cluster.ts';
import { LIMITS } from './limits.ts';
import type { Clients } from './platform-view.ts';
import { ACTOR, isSeen, type Reconciled, refusedSpec } from './reconcile.ts';

const ASK = { timeoutMs: LIMITS.commandTimeoutMs } as const;
const US_PER_SECOND = 1_000_000;
const PHASES: Readonly<Record<string, string>> = {
  queued: 'Queued',
  running: 'Running',
  done: 'Done',
  failed: 'Failed',
};

/**
 * Looks after a backtest: queues it, and tells how far it is and what came of it. The same specification is the same job, whoever asked for
 * it, so that one whose job is not known any more is queued anew. The resource's end leaves the job and its result; where its
 * specification says how long it is kept, it ends by itself.
 * @param again given where a job that was refused is asked for once more.
 */
export async function reconcileJob(
  resource: Resource<'BacktestJob'>,
  clients: Clients,
  nowUs: number,
  again?: string,
): Promise<Reconciled> {
  const { spec, status, generation } = resource;
  if (spec.kind === 'wrong') return refusedSpec(resource, spec.why);
  if (isSeen(resource) && again === undefined && status.phase !== 'Missing') {
    const now = await follow(status, clients);
    return { status: now, acts: [], isOver: isOver(now, spec.value, nowUs) };
  }
  const request = { specJson: spec.value.json, actor: ACTOR };
  try {
    const { job } = await clients.backtest.submitJob(request, ASK);
    return { status: { observedGeneration: generation, ...toldOf(job) }, acts: ['SubmitJob'] };
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return { ...refusedSpec(resource, error.message), acts: ['SubmitJob'] };
  }
}

/** Says that the specification is at fault, and not the service, which is asked again. */
const isRefusal = (error: unknown): error is AppError => hasCode(error, 'BACKTEST.SPEC');

async function follow(status: Status, { backtest }: Clients): Promise<Status> {
  const { jobId, phase, finishedAtUs } = status;
  const hasEnded = phase === 'Done' || phase === 'Failed';
  if (typeof jobId !== 'string' || (hasEnded && finishedAtUs !== undefined)) return status;
  const { job } = await backtest.getJob({ jobId }, ASK);
  return { ...status, ...toldOf(job) };
}

function isOver(
  { finishedAtUs }: Status,
  { keptSeconds }: BacktestJobSpec,
  nowUs: number,
): boolean {
  if (keptSeconds === undefined || typeof finishedAtUs !== 'number') return false;
  return nowUs - finishedAtUs >= keptSeconds * US_PER_SECOND;
}

function toldOf(job: backtestService.Job | undefined): Status {
  if (job === undefined)
    return { phase: 'Missing', message: 'the platform does not know the job: it is queued anew.' };
  const { jobId, state, error, digest, resultJson, updatedAtUs } = job;
  const figures = state === 'done' ? figuresOf(resultJson) : {};
  const hasEnded = state === 'done' || state === 'failed';
  const message = error.slice(0, LIMITS.messageMax);
  return {
    ...{ jobId, phase: PHASES[state] ?? 'Unknown', message, digest, ...figures },
    ...(hasEnded ? { finishedAtUs: int64.number(updatedAtUs) } : {}),
  };
}

/** The figures of a result that a list shows. */
function figuresOf(resultJson: string): Status {
  const { startEquityMicros, endEquityMicros, maxDrawdownFraction, fills } = JSON.parse(
    resultJson,
  ) as Readonly<Record<string, number>>;
  return {
    totalReturn: percent((endEquityMicros ?? 0) / (startEquityMicros ?? 1) - 1),
    maxDrawdown: percent(maxDrawdownFraction ?? 0),
    fills,
  };
}

const percent = (fraction: number): string => `${(fraction * 100).toFixed(2)}%`;
