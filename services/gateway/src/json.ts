import {
  type backtestService,
  type executionService,
  int64,
  type marketService,
  type reportingService,
  type riskService,
} from '@capstan/contracts';
import type { CashMicros, TimeUs } from '@capstan/domain';
import type { EquityRecord, LedgerCashRecord, LedgerPositionRecord } from '@capstan/ports';

export function equityJson(point: reportingService.EquityPoint): EquityRecord {
  return {
    runId: point.runId,
    accountId: point.accountId,
    botId: point.botId,
    atUs: int64.time(point.atUs),
    cashMicros: int64.cash(point.cashMicros),
    marketValueMicros: int64.cash(point.marketValueMicros),
    realisedMicros: int64.cash(point.realisedMicros),
    unrealisedMicros: int64.cash(point.unrealisedMicros),
    feesMicros: int64.cash(point.feesMicros),
  };
}

/** Something that people were told. */
export function alertJson(one: reportingService.Alert) {
  return { ...one, sequence: int64.number(one.sequence), atUs: int64.time(one.atUs) };
}

/** How a channel of alerts is. */
export function alertChannelJson(one: reportingService.AlertChannel) {
  return { ...one, sentAtUs: int64.time(one.sentAtUs) };
}

/** Profit and loss of one trade date. */
export interface DayJson {
  readonly accountId: string;
  readonly botId: string;
  readonly tradeDate: string;
  readonly pnlMicros: CashMicros;
  readonly feesMicros: CashMicros;
  readonly fills: number;
  readonly endEquityMicros: CashMicros;
}

export function dayJson(day: reportingService.Day): DayJson {
  return {
    accountId: day.accountId,
    botId: day.botId,
    tradeDate: day.tradeDate,
    pnlMicros: int64.cash(day.pnlMicros),
    feesMicros: int64.cash(day.feesMicros),
    fills: day.fills,
    endEquityMicros: int64.cash(day.endEquityMicros),
  };
}

/** A backtest job with its specification and result as JSON values. */
export interface JobJson {
  readonly jobId: string;
  readonly spec: unknown;
  readonly state: string;
  readonly result?: unknown;
  readonly digest?: string;
  readonly error?: string;
  readonly createdAtUs: TimeUs;
  readonly updatedAtUs: TimeUs;
}

export function jobJson(job: backtestService.Job): JobJson {
  return {
    jobId: job.jobId,
    spec: parsed(job.specJson),
    state: job.state,
    ...(job.resultJson === '' ? {} : { result: parsed(job.resultJson) }),
    ...(job.digest === '' ? {} : { digest: job.digest }),
    ...(job.error === '' ? {} : { error: job.error }),
    createdAtUs: int64.time(job.createdAtUs),
    updatedAtUs: int64.time(job.updatedAtUs),
  };
}

/** Reads JSON; what is none stays the text that it is. */
export function parsed(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    return text;
  }
}

/** A feed and how far it has come. */
export interface FeedJson {
  readonly feed: string;
  readonly venue: string;
  readonly runId: string;
  readonly symbols: readonly string[];
  readonly lastSliceEndUs: TimeUs;
  readonly slicesPublished: number;
  readonly finished: boolean;
  readonly waitingFor: readonly string[];
  /** True for one that a vendor tells live; what follows is said of such a feed alone. */
  readonly live: boolean;
  readonly connected: boolean;
  /** Nothing came for too long while a market is open. */
  readonly stale: boolean;
  readonly clockOffsetUs: number;
  /** Why it does not get on, in words; '' where all is well. */
  readonly problem: string;
}

export function feedJson(feed: marketService.Feed): FeedJson {
  return {
    ...feed,
    lastSliceEndUs: int64.time(feed.lastSliceEndUs),
    slicesPublished: int64.number(feed.slicesPublished),
    clockOffsetUs: int64.number(feed.clockOffsetUs),
  };
}

export function ledgerPositionJson(row: riskService.LedgerPosition): LedgerPositionRecord {
  return {
    accountId: row.accountId,
    botId: row.botId,
    symbol: row.symbol,
    quantity: int64.quantity(row.quantity),
    costMicros: int64.cash(row.costMicros),
    realisedMicros: int64.cash(row.realisedMicros),
    feesMicros: int64.cash(row.feesMicros),
  };
}

export function ledgerCashJson(row: riskService.LedgerCash): LedgerCashRecord {
  return { accountId: row.accountId, botId: row.botId, cashMicros: int64.cash(row.cashMicros) };
}

export const KILL_WORDS = ['off', 'soft', 'hard'] as const;
export type KillWord = (typeof KILL_WORDS)[number];

/** An account's kill switch. */
export interface KillSwitchJson {
  readonly accountId: string;
  readonly mode: KillWord;
  readonly actor: string;
  readonly reason: string;
  readonly sinceUs: TimeUs;
  /** Hard only: what Capstan does not hold is flattened too. */
  readonly foreign: boolean;
  /** True while only one process knows of it. */
  readonly unsaved: boolean;
  /** How far a hard kill is, in words. */
  readonly progress: string;
}

/** An account's breaker. */
export interface BreakerJson {
  readonly accountId: string;
  readonly open: boolean;
  readonly failures: number;
  readonly failuresMax: number;
  readonly reason: string;
  readonly sinceUs: TimeUs;
}

export function breakerJson(one: executionService.Breaker): BreakerJson {
  return { ...one, sinceUs: int64.time(one.sinceUs) };
}

/** What this version does not know counts as soft: it is not off. */
export function killSwitchJson(one: executionService.KillSwitch): KillSwitchJson {
  const mode = one.mode <= 1 ? 'off' : one.mode === 3 ? 'hard' : 'soft';
  return {
    accountId: one.accountId,
    mode,
    actor: one.actor,
    reason: one.reason,
    sinceUs: int64.time(one.sinceUs),
    foreign: one.foreign,
    unsaved: one.unsaved,
    progress: one.progress,
  };
}

/** How a market stands; of one whose playback has not begun no more than its name. */
export function sessionJson(session: reportingService.Session) {
  const { calendar, timeZone, localDate, closure, tradeDate, earlyClose } = session;
  if (session.atUs === 0n) return { calendar, timeZone };
  return {
    calendar,
    timeZone,
    atUs: int64.number(session.atUs),
    localDate,
    open: session.open,
    ...(closure === '' ? {} : { closure }),
    session: {
      date: tradeDate,
      openUs: int64.number(session.openUs),
      closeUs: int64.number(session.closeUs),
      earlyClose,
    },
    next: { kind: session.next, atUs: int64.number(session.nextAtUs) },
  };
}
