import { type TimeUs, timeUs, US_PER_MINUTE } from '@capstan/domain';
import type { VenueCapabilities } from '@capstan/ports';
import { heldOnSide, needsGuards, openExits, quantityAtVenue } from './exits-at-venue.ts';
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
    if (rests) return resting(guard);
    const isOurs = openExits(state, guard).some((exit) => exit.state === 'cancelling');
    return watching(guard, atUs, { isGone: standing === 0, isOurs });
  });
}

function resting(guard: Guard): Guard {
  const { later, ...rest } = guard;
  const rounds = later === undefined ? {} : { later: { ...later, isAwaited: false } };
  return { ...rest, ...rounds, rests: true };
}

/**
 * @param why `isGone` where nothing stands there any more: it is not placed anew at once, as a person may have wanted that. What the venue
 * ends by itself before the wait for it is over has not come to stand; `isOurs` where we have ended it.
 */
function watching(
  { rests, armed, ...guard }: Guard,
  atUs: TimeUs,
  why: { readonly isGone: boolean; readonly isOurs: boolean },
): Guard {
  const { rounds = 0, tries = 0, afterUs = 0 } = guard.later ?? {};
  const hasStood = why.isOurs || atUs >= afterUs;
  const againUs = timeUs(Math.max(hasStood ? 0 : afterUs, atUs + LIMITS.protectAgainUs));
  return {
    ...guard,
    throughUs: timeUs(Math.max(guard.throughUs, atUs - US_PER_MINUTE)),
    ...(armed === undefined ? {} : { armed: { ...armed, sinceUs: atUs } }),
    ...(why.isGone ? { later: { rounds, tries: hasStood ? 0 : tries, afterUs: againUs } } : {}),
  };
}
