import type { Instrument } from '../api.ts';
import type { ZoneClock } from '../format.ts';
import type { Action, Part, State } from '../state.ts';

/** What every part of the page is given. */
export interface Screen {
  readonly state: State;
  readonly dispatch: (action: Action) => void;
  readonly clock: ZoneClock;
  /** Does something, tells what came of it, and reads anew what it touches. */
  readonly act: (what: string, work: () => Promise<unknown>, touches: readonly Part[]) => void;
  /** Whether this person may change anything. */
  readonly mayAct: boolean;
  readonly openWhy: (botId: string) => void;
  readonly openKill: () => void;
  readonly openOrder: (orderId: string) => void;
}

/** Finds a symbol's instrument. */
export function instrumentOf(screen: Screen, symbol: string): Instrument | undefined {
  return screen.state.overview?.instruments.find((one) => one.symbol === symbol);
}

/** The decimals of a symbol's quantities. */
export function scaleOf(screen: Screen, symbol: string): number {
  return instrumentOf(screen, symbol)?.quantityScale ?? 0;
}
