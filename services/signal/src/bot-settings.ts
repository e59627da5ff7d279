import type { Calendar } from '@capstan/calendar';
import type { BotCatalogue, BotConfig } from './bot-config.ts';
import type { MarketReading } from './market-reading.ts';

/** What the owner of a bot is told. */
export interface BotSettings {
  readonly runId: string;
  readonly botId: string;
  /** The bot as configured; `undefined` for one that was created by a request. */
  readonly config: BotConfig | undefined;
  /** Venue whose bars a feed carries. */
  readonly venueOf: (feed: string) => string;
  readonly calendarOf: (symbol: string) => Calendar;
  readonly catalogue: BotCatalogue;
  /** The market as the bots of this process read it together. */
  readonly market: MarketReading;
  /** False keeps every crashed bot down, whatever its own rule says. */
  readonly restart: boolean;
}
