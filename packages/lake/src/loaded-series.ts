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
    this.description = {
      instrumentId: manifest.instrument.instrumentId,
      timeframe: manifest.timeframe,
      alignment: manifest.alignment,
      adjustment: manifest.adjustment,
      quantityScale: manifest.instrument.quantityScale,
    };
  }

  /** Of the bars that were read, computed when first asked: about a gigabyte a second. */
  get fingerprint(): string {
    this.#fingerprint ??= fingerprintBars(this.description, this.bars);
    return this.#fingerprint;
  }
}
