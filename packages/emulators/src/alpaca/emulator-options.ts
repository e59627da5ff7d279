import type { ClockSettings } from '../control/emulator-clock.ts';
import type { GivenSplit } from '../market/market-world.ts';
import type { RequestLimits } from './rest/request-guard.ts';

/** What a plan of market data holds. */
export type DataPlan = 'free' | 'paid';

/** An account at the emulator, and what opens it. */
export interface EmulatedAccount {
  readonly keyId: string;
  readonly secretKey: string;
  /** Stands for both in `Authorization: Bearer`; none unless given. */
  readonly token?: string;
  /** 100,000 unless given, in units of currency. */
  readonly cash?: number;
  /** 1 for a cash account, 2 or 4 for margin; 2 unless given. */
  readonly multiplier?: number;
  /** 3 unless given. */
  readonly optionsLevel?: 0 | 1 | 2 | 3;
}

export interface AlpacaEmulatorOptions {
  /** Any free one unless given. */
  readonly port?: number;
  readonly host?: string;
  /** What prices follow from; 1 unless given. */
  readonly seed?: number;
  /** Listed symbols; some that everyone knows unless given. */
  readonly symbols?: readonly string[];
  readonly splits?: readonly GivenSplit[];
  /** Whether there is trading before the open and after the close; there is unless told otherwise. */
  readonly extendedHours?: boolean;
  /** The wall's clock unless given. */
  readonly clock?: ClockSettings;
  /** `paid` unless given. */
  readonly plan?: DataPlan;
  /** One with {@link EMULATOR_KEYS} unless given. */
  readonly accounts?: readonly EmulatedAccount[];
  /** Stands for Alpaca's host of live money, whose stream of order updates is text; paper unless given. */
  readonly live?: boolean;
  /** Requests a minute; Alpaca's own unless given. */
  readonly requestLimits?: Partial<RequestLimits>;
  /** Connections that one account may have to a stream of data; one unless given, as Alpaca has it. */
  readonly streamConnections?: number;
  /** A file that keeps what was done, so that the next emulator goes on from it. */
  readonly stateFile?: string;
}

/** What opens the account that is there unless others are given. */
export const EMULATOR_KEYS = { keyId: 'EMULATOR', secretKey: 'emulator-secret' } as const;
