import { US_PER_MINUTE } from '@capstan/domain';
import type { EmulatorContext } from '../emulator-context.ts';
import { badRequest, Refusal } from '../refusal.ts';

/** What a feed of shares sees of the market. */
export interface Feed {
  readonly name: string;
  /** Share of all volume. */
  readonly volumeFraction: number;
}

const IEX_FRACTION = 0.025;
/** What a free plan may not see of the consolidated tape. */
const RECENT_US = 15 * US_PER_MINUTE;
const FEEDS: Readonly<Record<string, number>> = { sip: 1, iex: IEX_FRACTION, otc: 1, boats: 1 };

/**
 * Finds the feed of a request for history: all of the tape unless asked otherwise.
 * @throws Refusal 400 for an unknown one, 403 for what the plan does not hold.
 */
export function feedOf(
  { plan }: EmulatorContext,
  asked: string | undefined,
  toUs: number,
  nowUs: number,
): Feed {
  const name = asked ?? 'sip';
  const volumeFraction = FEEDS[name];
  if (volumeFraction === undefined) throw badRequest(`invalid feed: ${name}`);
  if (plan === 'free' && name === 'sip' && toUs > nowUs - RECENT_US) {
    throw new Refusal(403, {
      message: 'subscription does not permit querying recent SIP data',
    });
  }
  return { name, volumeFraction };
}

/** Finds the feed of a request for what is latest: the best that the plan holds unless asked otherwise. @throws Refusal */
export function latestFeedOf(context: EmulatorContext, asked: string | undefined): Feed {
  const standard = context.plan === 'free' ? 'iex' : 'sip';
  const name = asked === 'delayed_sip' ? 'sip' : (asked ?? standard);
  const isDelayed = asked === 'delayed_sip';
  return feedOf(context, name, isDelayed ? 0 : 1, isDelayed ? RECENT_US : 0);
}
