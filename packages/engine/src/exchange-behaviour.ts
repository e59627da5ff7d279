import { AppError, type Bar, deriveId, type OrderTerms } from '@capstan/domain';
import { type MatcherConfig, PLAIN_MATCHER_CONFIG } from './matching/matcher-config.ts';

/** How a simulated exchange behaves beside its matching. All chances are drawn from ids, so the same orders meet the same fate. */
export interface ExchangeBehaviour {
  readonly matcher: MatcherConfig;
  /** Share of orders refused, 0 to 1. */
  readonly rejectFraction: number;
  /** Share of bars so thin that orders fill in part: the bar offers a thousandth of its volume. */
  readonly thinBarFraction: number;
}

/** Refuses nothing, thins nothing, charges nothing. */
export const PLAIN_EXCHANGE: ExchangeBehaviour = {
  matcher: PLAIN_MATCHER_CONFIG,
  rejectFraction: 0,
  thinBarFraction: 0,
};

const THIN_VOLUME_DIVISOR = 1_000;
const CHANCE_DIGITS = 6;
const ID_BASE = 32;
const ID_ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

/** Draws a number from 0 to below 1 that follows from the parts alone. */
export function derivedChance(kind: string, ...parts: readonly (string | number)[]): number {
  let value = 0;
  for (const digit of deriveId(kind, ...parts).slice(0, CHANCE_DIGITS)) {
    value = value * ID_BASE + ID_ALPHABET.indexOf(digit);
  }
  return value / ID_BASE ** CHANCE_DIGITS;
}

/** Tells whether the exchange refuses an order by chance. */
export function refusesByChance(behaviour: ExchangeBehaviour, order: OrderTerms): boolean {
  return derivedChance('exchange-reject', order.orderId) < behaviour.rejectFraction;
}

/** Returns the bar as the matcher sees it: thin by chance. */
export function asTraded(behaviour: ExchangeBehaviour, bar: Bar): Bar {
  if (behaviour.thinBarFraction === 0) return bar;
  const chance = derivedChance('exchange-thin', bar.symbol, bar.endUs);
  if (chance >= behaviour.thinBarFraction) return bar;
  return { ...bar, volume: Math.floor(bar.volume / THIN_VOLUME_DIVISOR) };
}

/** Checks a behaviour. @throws ENGINE.EXCHANGE_CONFIG naming the key and its range. */
export function checkBehaviour(behaviour: ExchangeBehaviour): void {
  for (const key of ['rejectFraction', 'thinBarFraction'] as const) {
    const value = behaviour[key];
    if (value >= 0 && value <= 1) continue;
    throw new AppError({
      code: 'ENGINE.EXCHANGE_CONFIG',
      why: `${key} is ${value}.`,
      fix: 'It is a share from 0 to 1.',
    });
  }
  if (behaviour.thinBarFraction > 0 && behaviour.matcher.maxVolumeFraction === undefined) {
    throw new AppError({
      code: 'ENGINE.EXCHANGE_CONFIG',
      why: `thinBarFraction is ${behaviour.thinBarFraction}, but there is no volume cap that a thin bar could reach.`,
      fix: 'Set maxVolumeFraction, such as 0.1.',
    });
  }
}
