/**
 * A column of numbers as a page carries it: whole numbers at `decimals`, each as the difference to the one before (zigzag, plus
 * one; 0 is a missing value and moves nothing), in groups of seven bits, low first, as base64.
 */
export interface PackedColumn {
  readonly count: number;
  readonly decimals: number;
  readonly base64: string;
}

/** Returns the numbers of a packed column; NaN where one is missing. */
export function unpackColumn({ count, decimals, base64 }: PackedColumn): Float64Array {
  const bytes = atob(base64);
  const values = new Float64Array(count);
  const unit = 10 ** decimals;
  let last = 0;
  let at = 0;
  for (let row = 0; row < count; row += 1) {
    let code = 0;
    let place = 1;
    for (let byte = 128; byte >= 128; at += 1) {
      byte = bytes.charCodeAt(at);
      code += (byte % 128) * place;
      place *= 128;
    }
    if (code === 0) {
      values[row] = Number.NaN;
      continue;
    }
    const zigzag = code - 1;
    last += zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2;
    values[row] = last / unit;
  }
  return values;
}
