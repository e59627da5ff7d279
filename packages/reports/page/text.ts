const MINUS = '−';
/** Shown where there is no value. */
export const NONE = '–';

/** Writes a number with grouped thousands; NaN has no value. */
export function number(value: number, places = 2, signed = false): string {
  if (!Number.isFinite(value)) return NONE;
  const digits = Math.abs(value).toFixed(places);
  const [whole = '', fraction] = digits.split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  const isZero = !/[1-9]/.test(digits);
  const sign = isZero ? '' : value < 0 ? MINUS : signed ? '+' : '';
  return `${sign}${grouped}${fraction === undefined ? '' : `.${fraction}`}`;
}

/** Writes a fraction in per cent. */
export const percent = (value: number, places = 2, signed = false): string =>
  Number.isFinite(value) ? `${number(value * 100, places, signed)}%` : NONE;

/** Writes money of an axis: without decimals where it is large. */
export const money = (value: number): string => number(value, Math.abs(value) >= 10_000 ? 0 : 2);

/** Writes a quantity without zeros at its end. */
export const quantity = (value: number, places: number): string => {
  const text = number(value, places);
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
};

/** The sign of a number as the name of a style. */
export const toneOf = (value: number): string => (value > 0 ? 'up' : value < 0 ? 'down' : 'even');
