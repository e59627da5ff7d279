/** Symbols of a live feed that is measured. */
export const LIVE_SYMBOLS = ['SPY', ...Array.from({ length: 1_999 }, (_, index) => `S${index}`)];
