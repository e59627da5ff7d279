const NANOS_PER_UNIT = 1_000_000_000;
const PLACES = 4;

/** Writes a value in nanos as a price with four places, for a reason in words. */
export function priceText(valueNanos: number): string {
  return (valueNanos / NANOS_PER_UNIT).toFixed(PLACES);
}
