import type { backtestService } from '@capstan/contracts';
import type { Resource, Status } from './cluster.ts';
import { LIMITS } from './limits.ts';
import type { Clients } from './platform-view.ts';
import { ACTOR, isSeen, type Reconciled, refusedSpec } from './reconcile.ts';

const ASK = { timeoutMs: LIMITS.commandTimeoutMs } as const;
const PHASES: Readonly<Record<string, string>> = {
  queued: 'Queued',
  running: 'Running',
  done: 'Done',
  failed: 'Failed',
};

/**
 * Looks after a backtest: queues it, and tells how far it is and what came of it. The same specification is the same job, whoever asked for
 * it; the resource's end leaves the job and its result.
 */
export async function reconcileJob(
  resource: Resource<'BacktestJob'>,
  clients: Clients,
): Promise<Reconciled> {
  const { spec, status, generation } = resource;
  if (spec.kind === 'wrong') return refusedSpec(resource, spec.why);
  if (isSeen(resource)) return { status: await follow(status, clients), acts: [] };
  const request = { specJson: spec.value.json, actor: ACTOR };
  const { job } = await clients.backtest.submitJob(request, ASK);
  return { status: { observedGeneration: generation, ...told(job) }, acts: ['SubmitJob'] };
}

async function follow(status: Status, { backtest }: Clients): Promise<Status> {
  const { jobId, phase } = status;
  if (typeof jobId !== 'string' || phase === 'Done' || phase === 'Failed') return status;
  const { job } = await backtest.getJob({ jobId }, ASK);
  return { ...status, ...told(job) };
}

function told(job: backtestService.Job | undefined): Status {
  if (job === undefined)
    return { phase: 'Missing', message: 'the platform does not know the job.' };
  const { jobId, state, error, digest, resultJson } = job;
  const figures = state === 'done' ? figuresOf(resultJson) : {};
  const message = error.slice(0, LIMITS.messageMax);
  return { jobId, phase: PHASES[state] ?? 'Unknown', message, digest, ...figures };
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
