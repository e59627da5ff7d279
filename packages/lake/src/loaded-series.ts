import { type Calendar, getCalendar } from '@capstan/calendar';
import type { Instrument } from '@capstan/domain';
import { type BarsDescription, fingerprintBars } from './fingerprint.ts';
import type { LakeBars } from './lake-bars.ts';
import type { SeriesManifest } from './manifest.ts';
import type { BarSeries } from './read-bars-from-file.ts';

/** Bars as they were read from the lake. */
export class LoadedSeries implements BarSeries {
  readonly manifest: SeriesManifest;
  readonly symbol: string;
  readonly instrument: Instrument;
  readonly description: BarsDescription;
  readonly bars: LakeBars;
  #fingerprint: string | undefined;

  constructor(manifest: SeriesManifest, bars: LakeBars) {
    this.manifest = manifest;
    this.symbol = manifest.symbol;
    this.instrument = manifest.instrument;
    this.bars = bars;
    this.description = descriptionOf(manifest);
  }

  /** The calendar of the instrument, made anew. */
  get calendar(): Calendar {
    return getCalendar(this.instrument.calendar);
  }

  /** Of the bars that were read, computed when first asked: about a gigabyte a second. */
  get fingerprint(): string {
    this.#fingerprint ??= fingerprintBars(this.description, this.bars);
    return this.#fingerprint;
  }
}

/** Returns what the bars of a series are. */
export function descriptionOf(manifest: SeriesManifest): BarsDescription {
  return {
    instrumentId: manifest.instrument.instrumentId,
    timeframe: manifest.timeframe,
    alignment: manifest.alignment,
    adjustment: manifest.adjustment,
    quantityScale: manifest.instrument.quantityScale,
  };
}
