import type { AccountSpec, Resource, Status } from './cluster.ts';
import { LIMITS } from './limits.ts';
import { type Clients, type PlatformView, tried } from './platform-view.ts';
import { ACTOR, commandIdOf, isSeen, type Reconciled, refusedSpec } from './reconcile.ts';

const ASK = { timeoutMs: LIMITS.commandTimeoutMs } as const;
const KILL = ['off', 'off', 'soft', 'hard'] as const;

/** How far back an account's last slice is looked for. */
const LOOK_BACK_US = 600_000_000;

/**
 * Looks after an account that the configuration has: sets the limits that the resource names as these change, takes back what it names no
 * more, and tells how the account stands. Its end changes nothing.
 * @param again given where limits that were refused are asked for once more.
 * @idempotent by the limits
 */
export async function reconcileAccount(
  resource: Resource<'Account'>,
  view: PlatformView,
  clients: Clients,
  again?: string,
): Promise<Reconciled> {
  const { name, spec, generation } = resource;
  if (spec.kind === 'wrong') return refusedSpec(resource, spec.why);
  const account = await view.account(name);
  if (account === undefined) {
    const known = (await view.accountIds()).join(', ');
    const message = `there is no account '${name}': accounts stand in the configuration. Known: ${known}.`;
    // Not seen: its limits are set as soon as it is there.
    return { status: { ...resource.status, phase: 'Refused', message }, acts: [] };
  }
  const acts: string[] = [];
  let { status } = resource;
  if (!isSeen(resource) || again !== undefined) {
    const set = changeOf(spec.value, status);
    const said =
      Object.keys(set).length === 0 ? undefined : await setLimits(resource, set, clients, again);
    if (said !== undefined) acts.push('SetLimits');
    const refused = said?.applied === false ? said.message : undefined;
    const limitKeys =
      refused === undefined ? Object.keys(spec.value.limits).sort() : (status.limitKeys ?? []);
    status = { ...status, observedGeneration: generation, limitKeys, refused };
  }
  // By the market's time, which in a playback is not the wall's.
  const afterUs = BigInt(Math.max(0, (await view.lastSliceUs(name)) - LOOK_BACK_US));
  const killSwitch = KILL[await view.killSwitch(name)] ?? 'off';
  const position = await tried(view.position(name));
  const profit = await tried(view.profit(name, undefined, afterUs));
  const equity = await tried(view.equity(name, afterUs));
  const problem = position.problem ?? profit.problem ?? equity.problem;
  const now: Status = {
    ...status,
    phase: phaseOf(status.refused, killSwitch),
    message: String(status.refused ?? problem ?? '').slice(0, LIMITS.messageMax),
    venue: account.venue,
    mode: account.mode,
    killSwitch,
    position: position.value ?? status.position,
    profit: profit.value ?? status.profit,
    equity: equity.value ?? status.equity,
  };
  return { status: now, acts };
}

function phaseOf(refused: Status[string], killSwitch: string): string {
  if (refused !== undefined) return 'Refused';
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
  resource: Resource<'Account'>,
  set: Readonly<Record<string, unknown>>,
  { risk }: Clients,
  again: string | undefined,
) {
  const request = {
    accountId: resource.name,
    botId: '',
    symbol: '',
    setJson: JSON.stringify(set),
    actor: ACTOR,
    commandId: commandIdOf(resource, again),
  };
  return risk.setLimits(request, ASK);
}
