import { botToWire } from '@capstan/contracts';
import { timeUs } from '@capstan/domain';
import type { BotRecord } from '@capstan/ports';
import type { BotSpec, Resource, Status } from './cluster.ts';
import { LIMITS } from './limits.ts';
import { type Clients, type PlatformView, tried } from './platform-view.ts';
import { ACTOR, commandIdOf, isSeen, type Reconciled, refusedSpec } from './reconcile.ts';

/** Holds a resource until its bot is stopped. */
export const STOP_FINALIZER = 'capstan.dev/stop';

const ASK = { timeoutMs: LIMITS.commandTimeoutMs } as const;

/**
 * Looks after a bot: makes it, gives it what is wanted as that changes, stops it by its own rule as the resource ends. What a person did to
 * it by hand since the last change of the resource stays: a bot that was stopped is not started behind his back.
 * @param again given where a wish that was refused is passed on once more.
 * @idempotent by what the platform says of the bot
 */
export async function reconcileBot(
  resource: Resource<'Bot'>,
  view: PlatformView,
  clients: Clients,
  again?: string,
): Promise<Reconciled> {
  const { name, ending, finalizers, spec, status: before } = resource;
  const bot = await view.bot(name);
  if (ending) return end(resource, bot, clients);
  if (spec.kind === 'wrong') return refusedSpec(resource, spec.why);
  const isOurs = before.own === name;
  const holds = finalizers.includes(STOP_FINALIZER);
  const held = { finalizers: holds ? finalizers : [...finalizers, STOP_FINALIZER], acts: [] };
  const isNewWish = !isSeen(resource) || again !== undefined;
  if (!isNewWish) {
    const status = await statusOf(resource, bot, view);
    return isOurs && !holds ? { ...held, status } : { status, acts: [] };
  }
  const isFree = bot === undefined || bot.state === 'stopped' || resource.adopts;
  if (!holds || (isFree && !isOurs)) {
    // Before anything is made that its end has to stop; and whose it is, should the answer be lost.
    return { ...held, status: isFree ? { ...before, own: name } : before };
  }
  return pass(resource, await want(resource, spec.value, bot, { ...clients, again }), bot);
}

/** What is told after a wish was passed on. */
function pass(
  { name, generation, status: before, spec }: Resource<'Bot'>,
  { refused, isPending, said, acts }: Wanted,
  bot: BotRecord | undefined,
): Reconciled {
  const { refused: _, own: __, ...rest } = before;
  const seen = isPending === true ? rest : { ...rest, observedGeneration: generation };
  if (refused === undefined) {
    const accountId = spec.kind === 'read' ? spec.value.accountId : undefined;
    const phase = phaseOf(bot?.state ?? 'starting');
    return { status: { ...seen, accountId, own: name, phase, message: said }, acts };
  }
  // One that was never taken is not ours for having been asked for: its end stops no bot.
  const own = before.accountId === undefined ? undefined : before.own;
  const phase = bot === undefined || own !== name ? 'Refused' : phaseOf(bot.state);
  return { status: { ...seen, own, refused, phase, message: refused }, acts };
}

interface Wanted {
  readonly acts: readonly string[];
  readonly said: string;
  readonly refused?: string;
  /** Something of it is still to be asked for. */
  readonly isPending?: boolean;
}

const TAKEN =
  'a bot of this name runs already and is not of this resource: name it otherwise, or annotate the resource with capstan.dev/adopt: "true".';

async function want(
  resource: Resource<'Bot'>,
  spec: BotSpec,
  bot: BotRecord | undefined,
  { signal, again }: Clients & { readonly again: string | undefined },
): Promise<Wanted> {
  const { name, status } = resource;
  const isTaken = bot !== undefined && bot.state !== 'stopped';
  if (isTaken && status.own !== name) return { acts: [], said: '', refused: TAKEN };
  const commandId = commandIdOf(resource, again);
  const request = { bot: botToWire(recordOf(name, spec)), actor: ACTOR, commandId };
  const acts: string[] = [];
  const made =
    bot === undefined ? await signal.createBot(request, ASK) : await signal.changeBot(request, ASK);
  acts.push(bot === undefined ? 'CreateBot' : 'ChangeBot');
  if (!made.applied) return { acts, said: '', refused: made.message };
  if (!spec.paused && (bot?.state === 'stopped' || bot?.state === 'paused')) {
    acts.push('ResumeBot');
    const ask = { botId: name, actor: ACTOR, commandId: `${commandId}-resume` };
    const resumed = await signal.resumeBot(ask, ASK);
    return { acts, said: resumed.message };
  }
  const isQuiet = bot === undefined || bot.state === 'paused' || bot.state === 'stopped';
  if (!spec.paused || isQuiet) return { acts, said: made.message };
  if (bot.state !== 'running')
    return { acts, said: 'it is paused as soon as it runs.', isPending: true };
  acts.push('PauseBot');
  const paused = await signal.pauseBot({ botId: name, actor: ACTOR, commandId: '' }, ASK);
  return { acts, said: paused.message, isPending: !paused.applied };
}

/** Stops the bot, and lets the resource go once it is. */
async function end(
  resource: Resource<'Bot'>,
  bot: BotRecord | undefined,
  { signal }: Clients,
): Promise<Reconciled> {
  const { name, uid, status, finalizers } = resource;
  if (!finalizers.includes(STOP_FINALIZER)) return { status, acts: [] };
  const without = finalizers.filter((one) => one !== STOP_FINALIZER);
  const isOurs = status.own === name;
  if (bot === undefined || bot.state === 'stopped' || !isOurs) {
    return { status, finalizers: without, acts: [] };
  }
  // One command, however often it is asked for: a bot that closes first stops with its next bars, which may be a weekend away.
  const stopped = await signal.stopBot(
    { botId: name, actor: ACTOR, commandId: `${ACTOR}-${uid}-stop`, untilRestart: false },
    { timeoutMs: LIMITS.askTimeoutMs },
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
  if (status.own !== name || (bot === undefined && status.refused !== undefined)) {
    return { ...status, phase: 'Refused', message: status.refused ?? status.message };
  }
  if (bot === undefined) {
    const message =
      'the platform does not know it any more: change the resource, and it is made anew.';
    return { ...status, phase: 'Missing', message };
  }
  const { accountId, lastSliceEndUs } = bot;
  const afterUs = BigInt((lastSliceEndUs ?? 1) - 1);
  const position = await tried(view.position(accountId, name));
  const profit = await tried(view.profit(accountId, name, afterUs));
  const byHand = isByHand(resource, bot) ? BY_HAND : undefined;
  const why = bot.error ?? status.refused ?? byHand ?? position.problem ?? profit.problem ?? '';
  return {
    ...status,
    phase: phaseOf(bot.state),
    message: String(why).slice(0, LIMITS.messageMax),
    position: position.value ?? status.position,
    profit: profit.value ?? status.profit,
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
  const { paused, ...rest } = spec;
  return {
    ...rest,
    botId,
    timeframe: '1m',
    configRevision: 1,
    state: paused ? 'paused' : 'starting',
    restarts: 0,
    updatedAtUs: timeUs(0),
  };
}
