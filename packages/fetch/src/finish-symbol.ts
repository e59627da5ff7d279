import {
  type AnomalyRules,
  addBars,
  fingerprintBars,
  type Lake,
  readAsked,
  recordAsked,
  type SeriesKey,
} from '@capstan/lake';
import type { MarketDataCapabilities } from '@capstan/ports';
import { type DayVersions, isWithin, versionsIn } from './day-versions.ts';
import type { SymbolOutcome } from './fetch-result.ts';
import type { FetchSettings } from './fetch-settings.ts';
import { type SymbolStart, spanThere } from './fetch-state.ts';
import { seriesName, seriesOf } from './series-of.ts';
import type { WorkFolder } from './work-folder.ts';

/** What finishing a symbol needs. */
export interface Finishing {
  readonly lake: Lake;
  readonly work: WorkFolder;
  readonly settings: FetchSettings;
  readonly capabilities: MarketDataCapabilities;
  readonly rules: AnomalyRules;
  readonly versions: DayVersions;
}

/**
 * Puts all chunks of a symbol into its series, writes down what was asked, and removes the chunks. Each of the three may be done twice, so
 * that a run that ends between them loses nothing. What was imported before counts as asked for from then on: it was not asked for now.
 * @throws what `addBars` throws; the chunks are kept then, as where a rule refuses a row.
 */
export async function finishSymbol(
  { lake, work, settings, capabilities, rules, versions }: Finishing,
  { symbol, parts: early, rewritten }: SymbolStart,
): Promise<SymbolOutcome> {
  const key = seriesOf(settings, capabilities, symbol);
  const parts = await work.parts(symbol);
  const bars = await work.read(symbol, parts);
  const instrument = (await lake.instruments(settings.venue)).bySymbol(symbol);
  const { timeframe, alignment, adjustment } = key;
  const again = settings.force ? parts : rewritten.filter((day) => isWithin(day, parts));
  const replaces = adjustment !== 'raw' ? 'all' : again.length > 0 ? again : undefined;
  const { instrumentId, quantityScale } = instrument;
  const description = { instrumentId, timeframe, alignment, adjustment, quantityScale };
  if (adjustment === 'raw') await recordImported(lake, key, settings.source);
  const done = await addBars(lake, {
    ...key,
    bars,
    source: { name: settings.source, sha256: fingerprintBars(description, bars) },
    rules,
    ...(replaces === undefined ? {} : { replaces }),
  });
  const { report, manifest, added, replaced } = done;
  if (report.refused) return { symbol, state: 'failed', added: 0, replaced: 0, report };
  const of = seriesName(key);
  const read = versionsIn(versions, parts, early);
  await recordAsked(lake.root, key, { of, source: settings.source, spans: parts, versions: read });
  await work.remove(symbol);
  const state = bars.endUs.length === 0 ? 'empty' : 'fetched';
  const there = manifest === undefined ? {} : { manifest };
  return { symbol, state, added, replaced, report, ...there };
}

async function recordImported(lake: Lake, key: SeriesKey, source: string): Promise<void> {
  const of = seriesName(key);
  const asked = await readAsked(lake.root, key.venue, key.symbol);
  if (asked.some((one) => one.of === of)) return;
  const spans = await spanThere(lake, key);
  if (spans.length > 0) await recordAsked(lake.root, key, { of, source, spans });
}
