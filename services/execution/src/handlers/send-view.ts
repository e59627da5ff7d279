import type { TimeUs } from '@capstan/domain';
import type { SendView } from '../decide.ts';
import type { Account } from '../effects.ts';
import { isFlattening, isMeant, type Scope } from '../state.ts';

/** Returns what an approved order is checked against as things stand. */
export function sendView(account: Account, nowUs: TimeUs): SendView {
  const { state, ports, settings, switches, breaker, drifts } = account;
  return {
    nowUs,
    killSwitch: switches.get(settings.accountId),
    breaker: breaker.standing,
    capabilities: ports.venue.capabilities,
    drifts: drifts.open,
    heldSymbols: new Set(state.unresolved().map((order) => order.symbol)),
    returned: [...state.returned.values()],
    isClosing: (of) => isClosing(account, of),
  };
}

/** Tells whether what a bot holds is being closed by orders of their own: of a person, an exit that was reached, a kill. */
export function isClosing({ state }: Account, of: Scope): boolean {
  return (
    state.tasks.some((task) => isMeant(task, of)) ||
    state.working().some((order) => isMeant(of, order) && isFlattening(state, order))
  );
}
