import { createHash } from 'node:crypto';
import { endianness } from 'node:os';
import { assert, type Timeframe } from '@capstan/domain';
import { LAKE_COLUMNS, type LakeBars } from './lake-bars.ts';
import type { Adjustment, Alignment } from './series-key.ts';

/** What bars are, beside their numbers. */
export interface BarsDescription {
  readonly instrumentId: string;
  readonly timeframe: Timeframe;
  readonly alignment: Alignment;
  readonly adjustment: Adjustment;
  readonly quantityScale: number;
}

/**
 * Returns the SHA-256 of bars: of what they are, how many, from when to when, and of every column's numbers. The same bars give the
 * same fingerprint wherever they are kept and however their files are split.
 * @returns lower-case hexadecimal.
 */
export function fingerprintBars(description: BarsDescription, bars: LakeBars): string {
  assert(endianness() === 'LE', 'fingerprints are of little-endian columns');
  const rows = bars.endUs.length;
  const head = [
    'bars/1',
    description.instrumentId,
    description.timeframe,
    description.alignment,
    description.adjustment,
    description.quantityScale,
    rows,
    bars.startUs[0] ?? null,
    bars.endUs[rows - 1] ?? null,
  ];
  const hash = createHash('sha256').update(`${JSON.stringify(head)}\n`);
  for (const name of LAKE_COLUMNS) {
    const column = bars[name];
    assert(column.length === rows, `column ${name} has ${column.length} rows, not ${rows}`);
    hash.update(new Uint8Array(column.buffer, column.byteOffset, column.byteLength));
  }
  return hash.digest('hex');
}

/** Returns one fingerprint for several, whatever their order. @returns lower-case hexadecimal. */
export function joinFingerprints(fingerprints: readonly string[]): string {
  const hash = createHash('sha256');
  for (const fingerprint of [...fingerprints].sort()) hash.update(`${fingerprint}\n`);
  return hash.digest('hex');
}
