import { formatDecimal, readSchedule, type ScheduleFields, scheduleText } from '@capstan/domain';
import { type Answer, type GatewayClient, listIn } from './gateway-client.ts';
import type { BotStatus } from './supervisor/stack-status.ts';

/** Asks the gateway for the bots, with what each holds and has made. */
export async function askBots(gateway: GatewayClient): Promise<readonly BotStatus[]> {
  const [bots, positions] = await Promise.all([
    gateway.get('/api/bots'),
    gateway.get('/api/positions').catch((): Answer => ({})),
  ]);
  const held = listIn(positions, 'positions');
  return listIn(bots, 'bots').map((bot) => botStatus(bot, held));
}

/** Puts a bot of the gateway's answer together with its positions. */
export function botStatus(bot: Answer, positions: readonly Answer[]): BotStatus {
  const botId = String(bot.botId ?? '?');
  const own = positions.filter((row) => row.botId === botId);
  const open = own.filter((row) => row.quantity !== 0);
  return {
    botId,
    accountId: String(bot.accountId ?? ''),
    strategy: String(bot.strategy ?? ''),
    state: String(bot.state ?? 'unknown'),
    schedule: scheduleOf(bot.schedule),
    sizing: String(bot.sizingText ?? ''),
    lastSliceEndUs: numberOf(bot.lastSliceEndUs),
    position: open.map((row) => `${row.symbol} ${signed(numberOf(row.quantity) ?? 0)}`).join(' '),
    profitMicros: own.length === 0 ? 0 : own.reduce((sum, row) => sum + profitOf(row), 0),
    error: typeof bot.error === 'string' && bot.error !== '' ? bot.error : undefined,
  };
}

function scheduleOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value ?? '');
  const read = readSchedule(value as ScheduleFields);
  return read.kind === 'schedule' ? scheduleText(read.schedule) : JSON.stringify(value);
}

function profitOf(row: Answer): number {
  const realised = numberOf(row.realisedMicros) ?? 0;
  return realised + (numberOf(row.unrealisedMicros) ?? 0) - (numberOf(row.feesMicros) ?? 0);
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

/** Writes a quantity with its sign. */
export function signed(value: number): string {
  return value > 0 ? `+${value}` : String(value);
}

/** Writes micros as cash with two places and thousands apart: `-1,234.56`. */
export function cashText(micros: number): string {
  const cents = Math.round(micros / 10_000);
  const text = formatDecimal(cents, 2, 2);
  return text.replace(/\B(?=(\d{3})+\.)/g, ',');
}
