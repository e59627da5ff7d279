import type { AccountSpec, Resource, Status } from './cluster.ts';
import { LIMITS } from './limits.ts';
import type { Clients, PlatformView } from './platform-view.ts';
import { ACTOR, isSeen, type Reconciled, refusedSpec } from './reconcile.ts';

const ASK = { timeoutMs: LIMITS.commandTimeoutMs } as const;
const KILL = ['off', 'off', 'soft', 'hard'] as const;

/** How far back an account's last slice is looked for. */
const LOOK_BACK_US = 600_000_000;

/**
 * Looks after an account that the configuration has: sets the limits that the resource names as these change, takes back what it names no
 * more, and tells how the account stands. Its end changes nothing.
 * @idempotent by the limits
 */
export async function reconcileAccount(
  resource: Resource<'Account'>,
  view: PlatformView,
  clients: Clients,
): Promise<Reconciled> {
  const { name, spec, generation } = resource;
  if (spec.kind === 'wrong') return refusedSpec(resource, spec.why);
  const account = await view.account(name);
  if (account === undefined) {
    const known = (await view.accountIds()).join(', ');
    const why = `there is no account '${name}': accounts stand in the configuration. Known: ${known}.`;
    return refusedSpec(resource, why);
  }
  const acts: string[] = [];
  let { status } = resource;
  if (!isSeen(resource)) {
    const set = changeOf(spec.value, status);
    const said =
      Object.keys(set).length === 0 ? undefined : await setLimits(resource, set, clients);
    if (said !== undefined) acts.push('SetLimits');
    const refused = said !== undefined && !said.applied ? said.message : '';
    const limitKeys =
      refused === '' ? Object.keys(spec.value.limits).sort() : (status.limitKeys ?? []);
    status = { ...status, observedGeneration: generation, limitKeys, message: refused };
  }
  // By the market's time, which in a playback is not the wall's.
  const afterUs = BigInt(Math.max(0, (await view.lastSliceUs(name)) - LOOK_BACK_US));
  const killSwitch = KILL[await view.killSwitch(name)] ?? 'off';
  const now: Status = {
    ...status,
    phase: phaseOf(status.message, killSwitch),
    venue: account.venue,
    mode: account.mode,
    killSwitch,
    position: await view.position(name),
    profit: (await view.profit(name, undefined, afterUs)) ?? status.profit,
    equity: (await view.equity(name, afterUs)) ?? status.equity,
  };
  return { status: now, acts };
}

function phaseOf(message: Status[string], killSwitch: string): string {
  if (message !== undefined && message !== '') return 'Refused';
  return killSwitch === 'off' ? 'Ready' : 'Killed';
}

/** Limits that were set and are not wanted any more go back to none. */
function changeOf(
  { limits }: AccountSpec,
  { limitKeys }: Status,
): Readonly<Record<string, unknown>> {
  const before = Array.isArray(limitKeys) ? (limitKeys as readonly string[]) : [];
  const gone = before.filter((key) => !(key in limits)).map((key) => [key, null] as const);
  return { ...Object.fromEntries(gone), ...limits };
}

function setLimits(
  { name, uid, generation }: Resource<'Account'>,
  set: Readonly<Record<string, unknown>>,
  { risk }: Clients,
) {
  const request = {
    accountId: name,
    botId: '',
    symbol: '',
    setJson: JSON.stringify(set),
    actor: ACTOR,
    commandId: `kubernetes-${uid}-${generation}`,
  };
  return risk.setLimits(request, ASK);
}
