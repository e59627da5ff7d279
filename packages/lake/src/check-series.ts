import { CalendarBook } from '@capstan/calendar';
import { AppError } from '@capstan/domain';
import type { AnomalyRules } from './anomaly.ts';
import { BarTable } from './bar-table.ts';
import type { BarsReport } from './bars-report.ts';
import type { Lake } from './lake.ts';
import type { SeriesManifest } from './manifest.ts';
import { settleBars } from './settle-bars.ts';
import { digestOf } from './write-series.ts';

/** Whether a stored series is what its manifest says, and what its bars are like. */
export interface SeriesCheck {
  readonly manifest: SeriesManifest;
  /** What is wrong with the files; none where they are sound. */
  readonly problems: readonly string[];
  /** Of the bars as they are now; absent where they cannot be read. */
  readonly report?: BarsReport;
}

/**
 * Reads every file of a series, compares it with the manifest, and puts the bars to the rules again: files to their digests, bars
 * to their fingerprint, spans to the calendar.
 */
export async function checkSeries(
  lake: Lake,
  manifest: SeriesManifest,
  rules: AnomalyRules = {},
): Promise<SeriesCheck> {
  const problems: string[] = [];
  const paths = lake.partPaths(manifest);
  for (const [at, part] of manifest.parts.entries()) {
    const found = await digestOf(paths[at] ?? '').catch(() => undefined);
    if (found === undefined) problems.push(`${part.file} cannot be read`);
    else if (found.sha256 !== part.sha256) problems.push(`${part.file} is not as it was written`);
  }
  try {
    const { bars, description, fingerprint, instrument } = await lake.read(manifest);
    if (fingerprint !== manifest.fingerprint) {
      problems.push('the bars do not have the fingerprint of the manifest');
    }
    const { report } = settleBars(BarTable.of(manifest.symbol, description.quantityScale, bars), {
      timeframe: manifest.timeframe,
      stamp: 'start',
      calendar: new CalendarBook().get(instrument.calendar),
      ...(manifest.adjustment === 'raw' ? { tickNanos: instrument.tickNanos } : {}),
      adjustment: manifest.adjustment,
      alignment: manifest.alignment,
      holds: 'all',
      rules,
    });
    return { manifest, problems, report };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { manifest, problems: [...problems, error.why] };
  }
}
