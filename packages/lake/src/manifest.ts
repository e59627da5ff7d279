import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  AppError,
  ASSET_CLASSES,
  checkInstrument,
  type Instrument,
  priceNanos,
  quantity,
  TIMEFRAMES,
  type Timeframe,
} from '@capstan/domain';
import { ANOMALY_ACTIONS, ANOMALY_KINDS, type AnomalyAction, type AnomalyKind } from './anomaly.ts';
import { fileError } from './file-error.ts';
import { Fields } from './json-fields.ts';
import { ADJUSTMENTS, type Adjustment, ALIGNMENTS, type Alignment } from './series-key.ts';

/** The file whose renaming makes a write of a series count. */
export const MANIFEST_FILE = 'series.json';
const FORMAT = 1;

/** A Parquet file of a series. */
export interface SeriesPart {
  /** Name in the series' folder; it changes with the content. */
  readonly file: string;
  readonly rows: number;
  readonly firstStartUs: number;
  readonly lastEndUs: number;
  readonly bytes: number;
  /** Of the file's bytes, lower-case hexadecimal. */
  readonly sha256: string;
}

/** Where bars of a series came from. */
export interface SeriesSource {
  /** A file's name, or what made the series, such as `resample 1m`. */
  readonly name: string;
  /** Of the file's bytes, or the fingerprint of what it was made from. */
  readonly sha256: string;
}

/** An anomaly that the rules let in or left out. */
export interface SettledAnomaly {
  readonly kind: AnomalyKind;
  readonly action: AnomalyAction;
  readonly count: number;
}

/** What the lake knows of a series: `series.json`. */
export interface SeriesManifest {
  readonly venue: string;
  readonly symbol: string;
  readonly timeframe: Timeframe;
  readonly alignment: Alignment;
  readonly adjustment: Adjustment;
  readonly instrument: Instrument;
  readonly sources: readonly SeriesSource[];
  /** The length of every bar in microseconds; absent where bars differ, as at the end of a session. */
  readonly lengthUs?: number;
  readonly rows: number;
  readonly firstStartUs: number;
  readonly lastEndUs: number;
  /** Of all bars: see `fingerprintBars`. */
  readonly fingerprint: string;
  /** In order of time, without overlap. */
  readonly parts: readonly SeriesPart[];
  /** What validation found and did when the bars came in. */
  readonly anomalies: readonly SettledAnomaly[];
  readonly notes: readonly string[];
}

/** Writes a manifest as the text of `series.json`: the same series gives the same text. */
export function manifestText(manifest: SeriesManifest): string {
  const stored = {
    times: 'start_us and end_us, UTC microseconds, start inclusive, end exclusive',
    prices: 'integer nanos (1e-9)',
    volume: `integer at ${manifest.instrument.quantityScale} decimals`,
  };
  return `${JSON.stringify({ format: FORMAT, ...manifest, stored }, null, 2)}\n`;
}

/**
 * Reads the manifest in a folder; `undefined` where there is none.
 * @throws LAKE.DAMAGED naming the key that is wrong; LAKE.FILE where it cannot be read.
 */
export async function readManifest(folder: string): Promise<SeriesManifest | undefined> {
  const path = join(folder, MANIFEST_FILE);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw fileError(path, error);
  }
  return parseManifest(path, text);
}

/** Reads the text of a manifest. @throws LAKE.DAMAGED naming file and key. */
export function parseManifest(path: string, text: string): SeriesManifest {
  const fields = Fields.parse(path, text, 'LAKE.DAMAGED', 'Import the series again.');
  if (fields.whole('format') !== FORMAT) {
    throw new AppError({
      code: 'LAKE.DAMAGED',
      why: `${path}: format ${fields.whole('format')} is not known to this version.`,
      fix: 'Use the version that wrote it, or import the series again.',
    });
  }
  const lengthUs = fields.has('lengthUs') ? { lengthUs: fields.whole('lengthUs') } : {};
  return {
    venue: fields.text('venue'),
    symbol: fields.text('symbol'),
    timeframe: fields.oneOf('timeframe', TIMEFRAMES),
    alignment: fields.oneOf('alignment', ALIGNMENTS),
    adjustment: fields.oneOf('adjustment', ADJUSTMENTS),
    instrument: readInstrument(fields.object('instrument')),
    sources: fields.list('sources').map((source) => ({
      name: source.text('name'),
      sha256: source.text('sha256'),
    })),
    ...lengthUs,
    rows: fields.whole('rows'),
    firstStartUs: fields.whole('firstStartUs'),
    lastEndUs: fields.whole('lastEndUs'),
    fingerprint: fields.text('fingerprint'),
    parts: fields.list('parts').map(readPart),
    anomalies: fields.list('anomalies').map((anomaly) => ({
      kind: anomaly.oneOf('kind', ANOMALY_KINDS),
      action: anomaly.oneOf('action', ANOMALY_ACTIONS),
      count: anomaly.whole('count'),
    })),
    notes: fields.texts('notes'),
  };
}

function readPart(fields: Fields): SeriesPart {
  const file = fields.text('file');
  if (!/^[A-Za-z0-9-]+\.parquet$/.test(file)) throw fields.wrong('file', 'the name of a part');
  return {
    file,
    rows: fields.whole('rows'),
    firstStartUs: fields.whole('firstStartUs'),
    lastEndUs: fields.whole('lastEndUs'),
    bytes: fields.whole('bytes'),
    sha256: fields.text('sha256'),
  };
}

/** Reads an instrument. @throws INSTRUMENT.INVALID, and the reader's own code for a key that is wrong. */
export function readInstrument(fields: Fields): Instrument {
  const instrument: Instrument = {
    instrumentId: fields.text('instrumentId'),
    symbol: fields.text('symbol'),
    assetClass: fields.oneOf('assetClass', ASSET_CLASSES),
    currency: fields.text('currency'),
    tickNanos: priceNanos(fields.whole('tickNanos')),
    quantityScale: fields.whole('quantityScale'),
    lot: quantity(fields.whole('lot')),
    multiplier: fields.whole('multiplier'),
    calendar: fields.text('calendar'),
  };
  checkInstrument(instrument);
  return instrument;
}
