import { US_PER_MINUTE } from '@capstan/domain';
import type { DataPlan } from '../emulator-options.ts';
import { badRequest, Refusal } from '../refusal.ts';

/** What a feed of shares sees of the market. */
export interface Feed {
  readonly name: string;
  /** Share of all volume. */
  readonly volumeFraction: number;
}

export const IEX_FRACTION = 0.025;
/** What a free plan may not see of the consolidated tape. */
const RECENT_US = 15 * US_PER_MINUTE;
const FRACTIONS: Readonly<Record<string, number>> = { sip: 1, iex: IEX_FRACTION, otc: 1, boats: 1 };

/**
 * Finds the feed of a request for history until a time: all of the tape unless asked otherwise.
 * @throws Refusal 400 for an unknown one, 403 for what the plan does not hold.
 */
export function historyFeed(
  plan: DataPlan,
  asked: string | undefined,
  toUs: number,
  nowUs: number,
): Feed {
  const name = asked ?? 'sip';
  if (name === 'sip' && plan === 'free' && toUs > nowUs - RECENT_US) throw tooRecent();
  return { name, volumeFraction: fractionOf(name) };
}

/** Finds the feed of a request for what is latest: the best that the plan holds unless asked otherwise. @throws Refusal */
export function latestFeed(plan: DataPlan, asked: string | undefined): Feed {
  const name = asked ?? (plan === 'free' ? 'iex' : 'sip');
  if (name === 'sip' && plan === 'free') throw tooRecent();
  return { name, volumeFraction: name === 'delayed_sip' ? 1 : fractionOf(name) };
}

function fractionOf(name: string): number {
  const fraction = FRACTIONS[name];
  if (fraction === undefined) throw badRequest(`invalid feed: ${name}`);
  return fraction;
}

const tooRecent = (): Refusal =>
  new Refusal(403, { message: 'subscription does not permit querying recent SIP data' });
