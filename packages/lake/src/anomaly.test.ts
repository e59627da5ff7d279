import { describe, expect, it } from 'vitest';
import { ANOMALY_KINDS, actionFor, actionsOf, parseAnomalyRule } from './anomaly.ts';

describe('parseAnomalyRule', () => {
  it('reads a rule for a kind, and an action for every kind that allows it', () => {
    expect(parseAnomalyRule('ohlc=drop')).toEqual({ ohlc: 'drop' });
    const strict = parseAnomalyRule('refuse');
    expect(Object.keys(strict)).toEqual(ANOMALY_KINDS);
    expect(parseAnomalyRule('keep')).not.toHaveProperty('ohlc');
  });

  it.each([
    ['ohlc=ignore', /'ignore' is no action\. Use one of refuse, drop, keep/],
    ['olhc=drop', /'olhc' is no kind of anomaly\. Known: empty, unsorted/],
    ['gap=drop', /'gap' cannot be handled by 'drop'\. Use one of keep, refuse/],
  ])('refuses %s', (text, message) => {
    expect(() => parseAnomalyRule(text)).toThrow(message);
  });

  it('leaves other kinds at their first action', () => {
    expect(actionFor('ohlc', { gap: 'refuse' })).toBe('refuse');
    expect(actionsOf('zero-volume')).toEqual(['keep', 'drop', 'refuse']);
  });
});
