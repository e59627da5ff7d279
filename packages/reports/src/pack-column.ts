import { assert } from '@capstan/domain';
import type { PackedColumn } from './packed-column.ts';

const BYTES_PER_VALUE_MAX = 8;

/**
 * Packs numbers for a page, rounded to `decimals`. NaN and infinities are missing values.
 * @param count rows that count; all unless given.
 */
export function packColumn(
  values: ArrayLike<number>,
  decimals: number,
  count = values.length,
): PackedColumn {
  const unit = 10 ** decimals;
  const bytes = new Uint8Array(count * BYTES_PER_VALUE_MAX);
  let last = 0;
  let size = 0;
  for (let row = 0; row < count; row += 1) {
    const value = values[row] as number;
    let code = 0;
    if (Number.isFinite(value)) {
      const whole = Math.round(value * unit);
      const step = whole - last;
      code = (step < 0 ? -2 * step - 1 : 2 * step) + 1;
      last = whole;
    }
    assert(
      code <= Number.MAX_SAFE_INTEGER,
      `row ${row}: ${value} does not fit ${decimals} decimals`,
    );
    while (code >= 128) {
      bytes[size] = (code % 128) + 128;
      code = Math.floor(code / 128);
      size += 1;
    }
    bytes[size] = code;
    size += 1;
  }
  return { count, decimals, base64: Buffer.from(bytes.buffer, 0, size).toString('base64') };
}
