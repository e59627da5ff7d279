import type { OrderType, TimeInForce } from '@capstan/domain';
import type { VenueCapabilities } from '@capstan/ports';
import type { Bench } from './bench.ts';
import type { Ability } from './harness.ts';

/** A behaviour that an adapter shows where it claims it. */
export interface AcceptanceRow {
  /** Stays with the row for good; one that is taken out leaves a gap. */
  readonly number: `A${string}`;
  /** As a fact. */
  readonly title: string;
  readonly group: string;
  /** What of the adapter's capabilities it takes; nothing unless given. */
  readonly claims?: Claim;
  /** What it takes of a harness to show it. */
  readonly abilities?: readonly Ability[];
  /** Shows it. Throws where the adapter behaves otherwise. */
  run(bench: Bench): Promise<void>;
}

/** A part of what an adapter declares, in words and as a test. */
export interface Claim {
  readonly words: string;
  holds(capabilities: VenueCapabilities): boolean;
}

export const takesType = (type: OrderType): Claim => ({
  words: `orders of type ${type}`,
  holds: ({ orderTypes }) => orderTypes.includes(type),
});

export const takesTime = (time: TimeInForce): Claim => ({
  words: `time in force ${time}`,
  holds: ({ timesInForce }) => timesInForce.includes(time),
});

/** What becomes of a row with an adapter. */
export type Standing =
  /** It is run. */
  | 'claimed'
  /** The adapter does not say that it can. */
  | 'not claimed'
  /** The harness cannot bring it about. */
  | 'not driven';

/** Says what becomes of a row with an adapter and a harness. */
export function standingOf(
  { claims, abilities = [] }: AcceptanceRow,
  capabilities: VenueCapabilities,
  able: ReadonlySet<Ability>,
): Standing {
  if (claims !== undefined && !claims.holds(capabilities)) return 'not claimed';
  return abilities.every((one) => able.has(one)) ? 'claimed' : 'not driven';
}
