import {
  type BotSchedule,
  type BotSlice,
  type Mark,
  readSchedule,
  type Signal,
} from '@capstan/domain';
import type { BotRecord, ParameterValue } from '@capstan/ports';
import { SHUTDOWN_RULES } from '@capstan/ports';
import * as wire from '../gen/capstan/signal/v1/signal.ts';
import * as service from '../gen/capstan/signal/v1/signal_service.ts';
import { botStates, directions, timeframes, timesInForce } from './enums.ts';
import { sizingFromWire, sizingToWire } from './sizing.ts';
import { decodeAs, int64, malformed, present } from './wire.ts';

export function signalToWire(signal: Signal): wire.Signal {
  return {
    signalId: signal.signalId,
    runId: signal.runId,
    botId: signal.botId,
    accountId: signal.accountId,
    configRevision: signal.configRevision,
    symbol: signal.symbol,
    timeframe: timeframes.toWire(signal.timeframe),
    barEndUs: int64.of(signal.barEndUs),
    inputRevision: signal.inputRevision,
    direction: directions.toWire(signal.direction),
    strength: signal.strength,
    limitPriceNanos: int64.optional(signal.limitPriceNanos),
    stopPriceNanos: int64.optional(signal.stopPriceNanos),
    takeProfitPriceNanos: int64.optional(signal.takeProfitPriceNanos),
    timeInForce: signal.timeInForce === undefined ? 0 : timesInForce.toWire(signal.timeInForce),
    referencePriceNanos: int64.of(signal.referencePriceNanos),
    reason: signal.reason,
    trailNanos: int64.optional(signal.trailNanos),
    trailBps: signal.trailBps,
    entryStopPriceNanos: int64.optional(signal.entryStopPriceNanos),
    atrNanos: int64.optional(signal.atrNanos),
    barVolatility: signal.barVolatility,
  };
}

const price = (value: bigint | undefined) => (value === undefined ? undefined : int64.price(value));

export function signalFromWire(signal: wire.Signal): Signal {
  return {
    signalId: signal.signalId,
    runId: signal.runId,
    botId: signal.botId,
    accountId: signal.accountId,
    configRevision: signal.configRevision,
    symbol: signal.symbol,
    timeframe: timeframes.fromWire(signal.timeframe),
    barEndUs: int64.time(signal.barEndUs),
    inputRevision: signal.inputRevision,
    direction: directions.fromWire(signal.direction),
    strength: signal.strength,
    ...present({
      limitPriceNanos: price(signal.limitPriceNanos),
      stopPriceNanos: price(signal.stopPriceNanos),
      takeProfitPriceNanos: price(signal.takeProfitPriceNanos),
      timeInForce: timesInForce.optionalFromWire(signal.timeInForce),
      trailNanos: price(signal.trailNanos),
      trailBps: signal.trailBps,
      entryStopPriceNanos: price(signal.entryStopPriceNanos),
      atrNanos: price(signal.atrNanos),
      barVolatility: signal.barVolatility,
    }),
    referencePriceNanos: int64.price(signal.referencePriceNanos),
    reason: signal.reason,
  };
}

const markToWire = (mark: Mark): wire.Mark => ({
  symbol: mark.symbol,
  priceNanos: int64.of(mark.priceNanos),
  barEndUs: int64.of(mark.barEndUs),
});

const markFromWire = (mark: wire.Mark): Mark => ({
  symbol: mark.symbol,
  priceNanos: int64.price(mark.priceNanos),
  barEndUs: int64.time(mark.barEndUs),
});

/** What a replay needs of a bot's word beside what its account does. */
export interface BotSliceMore {
  /** What the bot is made of: with its first word, and while it has crashed. */
  readonly setup?: BotRecord;
  /** True where it steps without giving signals of its own. */
  readonly silent?: boolean;
}

export function encodeBotSlice(slice: BotSlice, more: BotSliceMore = {}): Uint8Array {
  const { setup, silent = false } = more;
  return wire.BotSlice.encode({
    runId: slice.runId,
    botId: slice.botId,
    accountId: slice.accountId,
    feed: slice.feed,
    sliceEndUs: int64.of(slice.sliceEndUs),
    state: botStates.toWire(slice.state),
    signals: slice.signals.map(signalToWire),
    marks: slice.marks.map(markToWire),
    setup: setup === undefined ? NO_SETUP : service.Bot.encode(botToWire(setup)).finish(),
    silent,
  }).finish();
}

const NO_SETUP = new Uint8Array();

/** Reads what {@link encodeBotSlice} was given beside the slice. */
export function decodeBotSliceMore(data: Uint8Array): BotSliceMore {
  const { setup, silent } = decodeAs('BotSlice', wire.BotSlice, data);
  if (setup.length === 0) return { silent };
  return { silent, setup: botFromWire(decodeAs('Bot', service.Bot, setup)) };
}

export function decodeBotSlice(data: Uint8Array): BotSlice {
  const slice = decodeAs('BotSlice', wire.BotSlice, data);
  return {
    runId: slice.runId,
    botId: slice.botId,
    accountId: slice.accountId,
    feed: slice.feed,
    sliceEndUs: int64.time(slice.sliceEndUs),
    state: botStates.fromWire(slice.state),
    signals: slice.signals.map(signalFromWire),
    marks: slice.marks.map(markFromWire),
  };
}

export function parameterToWire(value: ParameterValue): service.ParameterValue {
  switch (typeof value) {
    case 'number':
      return { value: { $case: 'number', value } };
    case 'string':
      return { value: { $case: 'text', value } };
    default:
      return { value: { $case: 'flag', value } };
  }
}

export function parameterFromWire(value: service.ParameterValue): ParameterValue {
  if (value.value === undefined) throw malformed('ParameterValue', 'value', 'absent');
  return value.value.value;
}

function scheduleToWire(schedule: BotSchedule): service.BotSchedule {
  const { days, start, end, timeZone, afterOpenMinutes, beforeCloseMinutes, atEnd } = schedule;
  return {
    days: [...(days ?? [])],
    start,
    end,
    timeZone,
    afterOpenMinutes,
    beforeCloseMinutes,
    atEnd,
  };
}

function scheduleFromWire(schedule: service.BotSchedule): BotSchedule {
  const read = readSchedule({
    ...schedule,
    days: schedule.days.length === 0 ? undefined : schedule.days,
    atEnd: schedule.atEnd === '' ? undefined : schedule.atEnd,
  });
  if (read.kind === 'schedule') return read.schedule;
  const { key, rule } = read;
  throw malformed('Bot', key === undefined ? 'schedule' : `schedule.${key}`, rule);
}

export function botToWire(bot: BotRecord): service.Bot {
  return {
    botId: bot.botId,
    accountId: bot.accountId,
    strategy: bot.strategy,
    params: Object.fromEntries(
      Object.entries(bot.params).map(([name, value]) => [name, parameterToWire(value)]),
    ),
    symbols: [...bot.symbols],
    timeframe: timeframes.toWire(bot.timeframe),
    feed: bot.feed,
    sizing: sizingToWire(bot.sizing),
    configRevision: bot.configRevision,
    restartOnCrash: bot.restartOnCrash,
    onShutdown: bot.onShutdown,
    state: botStates.toWire(bot.state),
    error: bot.error ?? '',
    restarts: bot.restarts,
    lastSliceEndUs: int64.of(bot.lastSliceEndUs ?? 0),
    updatedAtUs: int64.of(bot.updatedAtUs),
    schedule: bot.schedule === undefined ? undefined : scheduleToWire(bot.schedule),
  };
}

export function botFromWire(bot: service.Bot): BotRecord {
  const onShutdown = SHUTDOWN_RULES.find((rule) => rule === bot.onShutdown);
  if (onShutdown === undefined) throw malformed('Bot', 'on_shutdown', bot.onShutdown);
  return {
    botId: bot.botId,
    accountId: bot.accountId,
    strategy: bot.strategy,
    params: Object.fromEntries(
      Object.entries(bot.params).map(([name, value]) => [name, parameterFromWire(value)]),
    ),
    symbols: bot.symbols,
    timeframe: timeframes.fromWire(bot.timeframe),
    feed: bot.feed,
    sizing: sizingFromWire(bot.sizing),
    ...(bot.schedule === undefined ? {} : { schedule: scheduleFromWire(bot.schedule) }),
    configRevision: bot.configRevision,
    restartOnCrash: bot.restartOnCrash,
    onShutdown,
    state: botStates.fromWire(bot.state),
    ...present({
      error: bot.error === '' ? undefined : bot.error,
      lastSliceEndUs: bot.lastSliceEndUs === 0n ? undefined : int64.time(bot.lastSliceEndUs),
    }),
    restarts: bot.restarts,
    updatedAtUs: int64.time(bot.updatedAtUs),
  };
}
