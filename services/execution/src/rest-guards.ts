import { type TimeUs, timeUs, US_PER_MINUTE } from '@capstan/domain';
import type { VenueCapabilities } from '@capstan/ports';
import { heldOnSide, needsGuards, quantityAtVenue } from './exits-at-venue.ts';
import type { Guard } from './guard.ts';
import { LIMITS } from './limits.ts';
import type { AccountState } from './state.ts';

/**
 * Lets each guard rest while the exits that stand at its venue protect exactly what is held, and watch again from the moment on at
 * which they do not. It follows from the orders and holdings of the state alone: called before these are written, no end of a
 * process comes between.
 * @param atUs when what the state says now came about.
 */
export function restGuards(
  state: AccountState,
  capabilities: VenueCapabilities,
  atUs: TimeUs,
): void {
  if (state.guards.length === 0 || !needsGuards(capabilities)) return;
  state.guards = state.guards.map((guard) => {
    if (guard.armed === undefined) return guard;
    const standing = quantityAtVenue(state, guard);
    const rests = standing > 0 && standing === heldOnSide(state, guard);
    if (rests === (guard.rests ?? false)) return guard;
    return rests ? resting(guard) : watching(guard, atUs, standing === 0);
  });
}

function resting(guard: Guard): Guard {
  const { later, ...rest } = guard;
  const rounds = later === undefined ? {} : { later: { ...later, tries: 0, isAwaited: false } };
  return { ...rest, ...rounds, rests: true };
}

/** @param isGone true where nothing stands there any more: it is not placed anew at once, as a person may have wanted that. */
function watching({ rests, armed, ...guard }: Guard, atUs: TimeUs, isGone: boolean): Guard {
  const { rounds = 0, tries = 0 } = guard.later ?? {};
  const afterUs = timeUs(atUs + LIMITS.protectAgainUs);
  return {
    ...guard,
    throughUs: timeUs(Math.max(guard.throughUs, atUs - US_PER_MINUTE)),
    ...(armed === undefined ? {} : { armed: { ...armed, sinceUs: atUs } }),
    ...(isGone ? { later: { rounds, tries, afterUs } } : {}),
  };
}
