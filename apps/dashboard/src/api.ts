/** What the gateway answers. Money in integer micros, prices in integer nanos, times in microseconds, UTC. */

export interface Instrument {
  readonly symbol: string;
  readonly assetClass: string;
  readonly currency: string;
  readonly tickNanos: number;
  readonly quantityScale: number;
  readonly multiplier: number;
  readonly calendar: string;
}

export interface Account {
  readonly accountId: string;
  readonly venue: string;
  readonly mode: string;
  readonly currency: string;
  readonly cashMicros?: number;
  readonly marketValueMicros?: number;
  readonly equityMicros?: number;
  readonly realisedMicros?: number;
  readonly unrealisedMicros?: number;
  readonly feesMicros?: number;
  readonly complete?: boolean;
}

export interface KillSwitch {
  readonly accountId: string;
  readonly mode: 'off' | 'soft' | 'hard';
  readonly actor: string;
  readonly reason: string;
  readonly sinceUs: number;
  /** Hard only: what Capstan does not hold is flattened too. */
  readonly foreign: boolean;
  /** True while only one process knows of it. */
  readonly unsaved: boolean;
  /** How far a hard kill is, in words. */
  readonly progress: string;
}

/** Open after failures at the venue in a row, until a person resets it: only what reduces is sent. */
export interface Breaker {
  readonly accountId: string;
  readonly open: boolean;
  readonly failures: number;
  readonly failuresMax: number;
  readonly reason: string;
  readonly sinceUs: number;
}

export interface Feed {
  readonly feed: string;
  readonly venue: string;
  readonly runId: string;
  readonly symbols: readonly string[];
  readonly lastSliceEndUs: number;
  readonly slicesPublished: number;
  readonly finished: boolean;
  readonly waitingFor: readonly string[];
}

export interface Problem {
  readonly part: string;
  readonly code: string;
  readonly why: string;
  readonly fix: string;
}

export interface Overview {
  readonly runId: string;
  /** True where nothing reaches a broker. */
  readonly dryRun: boolean;
  readonly environment: string;
  readonly version: string;
  readonly actor: string;
  readonly role: 'viewer' | 'operator';
  readonly instruments: readonly Instrument[];
  readonly accounts: readonly Account[];
  readonly killSwitches: readonly KillSwitch[];
  readonly breakers: readonly Breaker[];
  readonly feeds: readonly Feed[];
  readonly problems: readonly Problem[];
}

export type BotState = 'starting' | 'running' | 'paused' | 'crashed' | 'stopped';

export interface Bot {
  readonly botId: string;
  readonly accountId: string;
  readonly strategy: string;
  readonly params: Readonly<Record<string, number | string | boolean>>;
  readonly symbols: readonly string[];
  readonly timeframe: string;
  readonly feed: string;
  /** How much it trades, in words. */
  readonly sizingText: string;
  readonly state: BotState;
  readonly error?: string;
  readonly restarts: number;
  readonly lastSliceEndUs?: number;
}

export interface BotProgress {
  readonly botId: string;
  readonly accountId: string;
  readonly state: BotState;
  readonly lastSliceEndUs: number;
}

export interface Position {
  readonly accountId: string;
  readonly botId: string;
  readonly symbol: string;
  readonly quantity: number;
  readonly averagePriceNanos?: number;
  readonly markPriceNanos?: number;
  readonly marketValueMicros?: number;
  readonly unrealisedMicros?: number;
  readonly realisedMicros: number;
  readonly feesMicros: number;
}

export interface Order {
  readonly orderId: string;
  readonly accountId: string;
  readonly botId: string;
  readonly symbol: string;
  readonly side: 'buy' | 'sell';
  readonly quantity: number;
  readonly type: 'market' | 'limit' | 'stop' | 'stopLimit';
  readonly limitPriceNanos?: number;
  readonly stopPriceNanos?: number;
  readonly timeInForce: string;
  readonly decidedAtUs: number;
  readonly state: string;
  readonly filledQuantity: number;
  readonly reason?: string;
  readonly version: number;
}

export interface Fill {
  readonly fillId: string;
  readonly kind: 'fill' | 'bust' | 'correction';
  readonly orderId: string;
  readonly accountId: string;
  readonly botId: string;
  readonly symbol: string;
  readonly side: 'buy' | 'sell';
  readonly quantity: number;
  readonly priceNanos: number;
  readonly feeMicros: number;
  readonly eventAtUs: number;
  readonly accountSequence: number;
}

export interface Signal {
  readonly signalId: string;
  readonly botId: string;
  readonly accountId: string;
  readonly symbol: string;
  readonly barEndUs: number;
  readonly direction: 'long' | 'short' | 'flat';
  readonly strength: number;
  readonly reason: string;
}

export interface Denial {
  readonly denialId: string;
  readonly accountId: string;
  readonly botId: string;
  readonly symbol: string;
  readonly policy: string;
  readonly reason: string;
  readonly decidedAtUs: number;
}

/** What of an account is none of ours. */
export interface Foreign {
  readonly accountId: string;
  readonly rule: string;
  /** What the rule does, in words. */
  readonly meaning: string;
  readonly orders: readonly {
    readonly orderId: string;
    readonly symbol: string;
    readonly side?: string;
    readonly filledQuantity: number;
  }[];
  readonly positions: readonly { readonly symbol: string; readonly quantity: number }[];
  readonly cashMicros: number;
}

export interface Drift {
  readonly driftId: string;
  readonly accountId: string;
  readonly symbol: string;
  readonly ledger: number;
  readonly broker: number;
  readonly openedAtUs: number;
  readonly healedAtUs?: number;
}

export interface Bar {
  readonly symbol: string;
  readonly feed: string;
  readonly timeframe: string;
  readonly startUs: number;
  readonly endUs: number;
  readonly openNanos: number;
  readonly highNanos: number;
  readonly lowNanos: number;
  readonly closeNanos: number;
  readonly volume: number;
}

export interface EquityPoint {
  readonly accountId: string;
  readonly atUs: number;
  readonly cashMicros: number;
  readonly marketValueMicros: number;
}

export interface Day {
  readonly tradeDate: string;
  readonly pnlMicros: number;
  readonly feesMicros: number;
  readonly fills: number;
  readonly endEquityMicros: number;
}

export interface ServiceHealth {
  readonly name: string;
  readonly state: 'ready' | 'notReady' | 'down';
  readonly message?: string;
}

/** What people were told, the latest first, and how the channels are. */
export interface Alerting {
  readonly alerts: readonly {
    readonly sequence: number;
    readonly level: 'info' | 'warning' | 'critical';
    readonly title: string;
    readonly text: string;
    readonly atUs: number;
    readonly count: number;
    readonly sentTo: readonly string[];
  }[];
  readonly channels: readonly {
    readonly channel: string;
    readonly problem: string;
    readonly pending: number;
  }[];
}

/** In how much live differed from the replay of an account's last session. */
export interface Replay {
  readonly accountId: string;
  readonly tradeDate: string;
  readonly differences: number;
  /** Those of which nobody knows why. */
  readonly unexplained: number;
}

/** How a market stands by the run's clock; of one whose playback has not begun only the name is known. */
export interface MarketSession {
  readonly calendar: string;
  readonly atUs?: number;
  readonly open?: boolean;
  /** Why the local date has no session. */
  readonly closure?: string;
  /** The session that is on, or the next to open. */
  readonly session?: {
    readonly date: string;
    readonly openUs: number;
    readonly closeUs: number;
    readonly earlyClose: boolean;
  };
  readonly next?: { readonly kind: string; readonly atUs: number };
}

export interface WhyEntry {
  readonly atUs: number;
  readonly kind: 'signal' | 'denied' | 'order' | 'fill';
  readonly symbol: string;
  readonly text: string;
  readonly reason: string;
  readonly causeId: string;
  readonly id: string;
}

/** The live events by name, each with all that came since the last one. */
export interface LiveEvents {
  readonly bar: readonly Bar[];
  readonly slice: readonly {
    readonly feed: string;
    readonly runId: string;
    readonly endUs: number;
    readonly last: boolean;
  }[];
  readonly bot: readonly BotProgress[];
  readonly signal: readonly Signal[];
  readonly denied: readonly Denial[];
  readonly orders: readonly Order[];
  readonly fills: readonly Fill[];
  readonly drift: readonly Drift[];
}
