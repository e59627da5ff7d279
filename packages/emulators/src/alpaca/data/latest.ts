import { US_PER_MINUTE } from '@capstan/domain';
import { type BarSource, lastRowBefore } from '../../market/market-world.ts';
import { RAW } from './adjustments.ts';
import { barJson, MinuteWriter, periodBar } from './bar-rows.ts';

type BarJson = ReturnType<typeof barJson>;

/** Returns a symbol's last minute that has ended; `undefined` before the first. */
export function latestMinute(
  source: BarSource,
  symbol: string,
  nowUs: number,
  volumeFraction: number,
): BarJson | undefined {
  let index = Math.min(source.days.firstEndingAfter(nowUs), source.days.all.length - 1);
  for (; index >= 0; index -= 1) {
    const columns = source.columns(symbol, source.days.at(index));
    const row = lastRowBefore(columns, nowUs - US_PER_MINUTE + 1);
    if (row < 0) continue;
    return JSON.parse(new MinuteWriter(columns, volumeFraction).text(row)) as BarJson;
  }
  return undefined;
}

/** Returns the bars of the last day that has begun to trade and of the day before it. */
export function latestDays(
  source: BarSource,
  symbol: string,
  nowUs: number,
  volumeFraction: number,
): readonly BarJson[] {
  const found: BarJson[] = [];
  let index = Math.min(source.days.firstEndingAfter(nowUs), source.days.all.length - 1);
  for (; index >= 0 && found.length < 2; index -= 1) {
    const day = source.days.at(index);
    const period = { startUs: day.midnightUs, untilUs: nowUs };
    const row = periodBar(source, symbol, [day], period);
    if (row !== undefined) found.push(barJson(row, RAW, volumeFraction));
  }
  return found;
}
