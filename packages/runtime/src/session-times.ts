import { closingRules, readLimits } from '@capstan/risk';
import type { PlatformConfig } from './platform-sections.ts';

/** Returns what of a day's schedule a configuration says: how long before and after the session, and when accounts close. */
export function sessionTimesOf({
  sessions,
  accounts,
}: Pick<PlatformConfig, 'sessions' | 'accounts'>) {
  const kills = accounts.flatMap(({ limits }) =>
    closingRules(readLimits(limits)).map(({ rule }) => rule),
  );
  return { ...sessions, kills };
}
