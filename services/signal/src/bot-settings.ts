import type { Calendar } from '@capstan/calendar';
import type { BotCatalogue, BotConfig } from './bot-config.ts';

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
  /** False keeps every crashed bot down, whatever its own rule says. */
  readonly restart: boolean;
}
