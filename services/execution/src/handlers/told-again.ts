import { timeUs, type VenueEvent } from '@capstan/domain';
import type { VenuePast } from '@capstan/ports';
import type { Account } from '../effects.ts';
import { LIMITS } from '../limits.ts';

/**
 * Returns what a venue that numbers no events goes by to tell again what was missed. What was given up and came back has not ended there,
 * whatever it counts as here.
 */
export function venuePast({ state, ports }: Pick<Account, 'state' | 'ports'>): VenuePast {
  const { venueAtUs } = state;
  return {
    ...(venueAtUs === undefined ? {} : { eventAtUs: venueAtUs }),
    working: [...state.working(), ...state.returned.values()],
    orderOf: async (orderId) => state.order(orderId) ?? (await ports.store.order(orderId)),
  };
}

/**
 * What such a venue tells again was taken, or set aside, before: what was set aside is known by the last strays. A bust or a correction
 * among them names an execution that may be told only later.
 */
export async function rememberStrays({ ports, settings, state }: Account): Promise<void> {
  const { accountId } = settings;
  const strays = await ports.store.strays({ accountId, limit: LIMITS.executionsMax });
  for (const { kind, executionId } of [...strays].reverse()) {
    if (kind === 'filled' && executionId !== undefined) state.remember(executionId);
  }
}

/**
 * Notes how far a venue that numbers no events has told, and tells whether this event is an execution that it has told before: it tells
 * at least once.
 */
export async function isToldAgain(account: Account, event: VenueEvent): Promise<boolean> {
  const { state, ports, settings } = account;
  state.venueAtUs = timeUs(Math.max(state.venueAtUs ?? 0, event.eventAtUs));
  if (event.kind !== 'filled') return false;
  const { executionId, orderId } = event;
  if (state.executions.has(executionId)) return true;
  const { accountId } = settings;
  const query = { accountId, orderId, limit: LIMITS.fillsOfOrderMax };
  return (await ports.store.fills(query)).some((fill) => fill.fillId === executionId);
}

/** Notes what was set aside of such a venue. */
export function rememberStray({ state, ports }: Account, event: VenueEvent): void {
  if (ports.venue.capabilities.numbersEvents) return;
  if (event.kind === 'filled') state.remember(event.executionId);
}
