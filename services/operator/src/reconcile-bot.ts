import { botToWire } from '@capstan/contracts';
import { timeUs } from '@capstan/domain';
import type { BotRecord } from '@capstan/ports';
import type { BotSpec, Resource, Status } from './cluster.ts';
import { LIMITS } from './limits.ts';
import type { Clients, PlatformView } from './platform-view.ts';
import { ACTOR, isSeen, type Reconciled, refusedSpec } from './reconcile.ts';

/** Holds a resource until its bot is stopped. */
export const STOP_FINALIZER = 'capstan.dev/stop';

const ASK = { timeoutMs: LIMITS.commandTimeoutMs } as const;

/**
 * Looks after a bot: makes it, gives it what is wanted as that changes, stops it by its own rule as the resource ends. What a person did to
 * it by hand since the last change of the resource stays: a bot that was stopped is not started behind his back.
 * @idempotent by what the platform says of the bot
 */
export async function reconcileBot(
  resource: Resource<'Bot'>,
  view: PlatformView,
  clients: Clients,
): Promise<Reconciled> {
  const { name, ending, finalizers, spec } = resource;
  const bot = await view.bot(name);
  if (ending) return end(resource, bot, clients);
  if (spec.kind === 'wrong') return refusedSpec(resource, spec.why);
  if (isSeen(resource)) return { status: await statusOf(resource, bot, view), acts: [] };
  if (!finalizers.includes(STOP_FINALIZER)) {
    // Before anything is made that its end has to stop; and whose it is, should the answer be lost.
    const isFree = bot === undefined || bot.state === 'stopped' || resource.adopts;
    const status = isFree ? { ...resource.status, own: name } : resource.status;
    return { status, finalizers: [...finalizers, STOP_FINALIZER], acts: [] };
  }
  const { refused, said, acts } = await want(resource, spec.value, bot, clients);
  const { refused: _, ...before } = resource.status;
  const seen = { ...before, observedGeneration: resource.generation };
  if (refused !== undefined) {
    const phase = bot === undefined || before.own !== name ? 'Refused' : phaseOf(bot.state);
    return { status: { ...seen, refused, phase, message: refused }, acts };
  }
  const { accountId } = spec.value;
  const phase = phaseOf(bot?.state ?? 'starting');
  return { status: { ...seen, accountId, own: name, phase, message: said }, acts };
}

interface Wanted {
  readonly acts: readonly string[];
  readonly said: string;
  readonly refused?: string;
}

async function want(
  resource: Resource<'Bot'>,
  spec: BotSpec,
  bot: BotRecord | undefined,
  { signal }: Clients,
): Promise<Wanted> {
  const { name, status, uid, generation } = resource;
  const isTaken = bot !== undefined && bot.state !== 'stopped';
  if (isTaken && status.own !== name && !resource.adopts) {
    const why =
      'a bot of this name runs already and is not of this resource: name it otherwise, or annotate the resource with capstan.dev/adopt: "true".';
    return { acts: [], said: '', refused: why };
  }
  const request = {
    bot: botToWire(recordOf(name, spec)),
    actor: ACTOR,
    // The same wish again, after an answer that was lost, is the same command.
    commandId: `kubernetes-${uid}-${generation}`,
  };
  const acts: string[] = [];
  const made =
    bot === undefined ? await signal.createBot(request, ASK) : await signal.changeBot(request, ASK);
  acts.push(bot === undefined ? 'CreateBot' : 'ChangeBot');
  if (!made.applied) return { acts, said: '', refused: made.message };
  const ask = { botId: name, actor: ACTOR, commandId: '' };
  if (!spec.paused && (bot?.state === 'stopped' || bot?.state === 'paused')) {
    acts.push('ResumeBot');
    const resumed = await signal.resumeBot(ask, ASK);
    return { acts, said: resumed.message };
  }
  if (spec.paused && bot?.state === 'running') {
    acts.push('PauseBot');
    const paused = await signal.pauseBot(ask, ASK);
    return { acts, said: paused.message };
  }
  return { acts, said: made.message };
}

/** Stops the bot, and lets the resource go once it is. */
async function end(
  { name, status, finalizers }: Resource<'Bot'>,
  bot: BotRecord | undefined,
  { signal }: Clients,
): Promise<Reconciled> {
  if (!finalizers.includes(STOP_FINALIZER)) return { status, acts: [] };
  const without = finalizers.filter((one) => one !== STOP_FINALIZER);
  const isOurs = status.own === name;
  if (bot === undefined || bot.state === 'stopped' || !isOurs) {
    return { status, finalizers: without, acts: [] };
  }
  const stopped = await signal.stopBot(
    { botId: name, actor: ACTOR, commandId: '', untilRestart: false },
    ASK,
  );
  if (stopped.applied) return { status, finalizers: without, acts: ['StopBot'] };
  return { status: { ...status, phase: 'Stopping', message: stopped.message }, acts: ['StopBot'] };
}

async function statusOf(
  resource: Resource<'Bot'>,
  bot: BotRecord | undefined,
  view: PlatformView,
): Promise<Status> {
  const { status, name } = resource;
  if (status.own !== name || (bot === undefined && status.refused !== undefined)) return status;
  if (bot === undefined) {
    const message =
      'the platform does not know it any more: change the resource, and it is made anew.';
    return { ...status, phase: 'Missing', message };
  }
  const { accountId, lastSliceEndUs } = bot;
  const why = bot.error ?? status.refused ?? (isByHand(resource, bot) ? BY_HAND : '');
  const afterUs = BigInt((lastSliceEndUs ?? 1) - 1);
  return {
    ...status,
    phase: phaseOf(bot.state),
    message: String(why).slice(0, LIMITS.messageMax),
    position: await view.position(accountId, name),
    profit: (await view.profit(accountId, name, afterUs)) ?? status.profit,
    revision: bot.configRevision,
    restarts: bot.restarts,
    lastSliceUs: lastSliceEndUs,
  };
}

const BY_HAND = 'by hand; it stays so until the resource changes.';

function isByHand({ spec }: Resource<'Bot'>, { state }: BotRecord): boolean {
  if (spec.kind === 'wrong') return false;
  return state === 'stopped' || (state === 'paused') !== spec.value.paused;
}

const phaseOf = (state: BotRecord['state']): string =>
  `${state.slice(0, 1).toUpperCase()}${state.slice(1)}`;

function recordOf(botId: string, spec: BotSpec): BotRecord {
  const { paused: _, ...rest } = spec;
  return {
    ...rest,
    botId,
    timeframe: '1m',
    configRevision: 1,
    state: 'starting',
    restarts: 0,
    updatedAtUs: timeUs(0),
  };
}
