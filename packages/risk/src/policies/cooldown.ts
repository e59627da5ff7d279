import { US_PER_SECOND } from '@capstan/domain';
import type { Policy } from '../policy.ts';

/** After a trade a bot stays out of the symbol for a while. */
export const cooldownPolicy: Policy = {
  name: 'cooldown',
  denies: "what adds within `cooldownSeconds` of the bot's last fill in the symbol",
  advice: 'It is asked anew with the next decision after the pause.',
  check: ({ botId, symbol, reducing }, { tally }, { cooldownUs }, now) => {
    if (cooldownUs === undefined || reducing) return undefined;
    if (tally === undefined) return { reason: 'the time of the last trade is not known' };
    const last = tally.lastFillUs(botId, symbol);
    if (last === undefined || now - last >= cooldownUs) return undefined;
    const seconds = (us: number) => `${us / US_PER_SECOND} s`;
    return {
      reason: `${botId} traded ${symbol} ${seconds(now - last)} ago and pauses for ${seconds(cooldownUs)}`,
    };
  },
};
