import { METRICS, type MetricKey, type MetricUnit } from '@capstan/analytics';

const MICROS_PER_UNIT = 1e6;

/** What stands for a metric that has no value. */
export const NO_VALUE = '–';

/** Returns a metric for people: per cent, money, or a plain number. */
export function metricText(key: MetricKey, value: number | null | undefined): string {
  if (value === undefined || value === null || Number.isNaN(value)) return NO_VALUE;
  return unitText(METRICS.find((metric) => metric.key === key)?.unit ?? 'ratio', value);
}

function unitText(unit: MetricUnit, value: number): string {
  switch (unit) {
    case 'fraction':
      return `${grouped(value * 100, 2)} %`;
    case 'micros':
      return grouped(value / MICROS_PER_UNIT, 2);
    case 'ratio':
      return grouped(value, 2);
    case 'bars':
      return grouped(value, 1);
    case 'sessions':
    case 'count':
      return grouped(value, 0);
  }
}

/** Writes a number with thousands apart: 1,234.50; a zero has no sign. */
export function grouped(value: number, decimals = 0): string {
  return value.toLocaleString('en-US', {
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
    signDisplay: 'negative',
  });
}

/** Returns the title of a metric. */
export function metricTitle(key: MetricKey): string {
  return METRICS.find((metric) => metric.key === key)?.title ?? key;
}
