import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { joinSpans, type TimeSpan, withoutSpans } from './time-spans.ts';

const END = 40;
const span = fc
  .tuple(fc.integer({ min: 0, max: END }), fc.integer({ min: 0, max: END }))
  .map(([a, b]): TimeSpan => ({ fromUs: Math.min(a, b), toUs: Math.max(a, b) }));
const isIn = (us: number) => (one: TimeSpan) => us >= one.fromUs && us < one.toUs;
const moments = Array.from({ length: END }, (_, us) => us);

const expectApart = (spans: readonly TimeSpan[]) => {
  for (const [at, { fromUs, toUs }] of spans.entries()) {
    expect(fromUs).toBeLessThan(toUs);
    expect(spans[at + 1]?.fromUs ?? Number.POSITIVE_INFINITY).toBeGreaterThan(toUs);
  }
};

describe('spans of time', () => {
  it('hold joined just what they held before', () => {
    fc.assert(
      fc.property(fc.array(span), (spans) => {
        const joined = joinSpans(spans);
        expectApart(joined);
        for (const us of moments) expect(joined.some(isIn(us))).toBe(spans.some(isIn(us)));
      }),
    );
  });

  it('leave of another what they do not hold', () => {
    fc.assert(
      fc.property(span, fc.array(span), (whole, others) => {
        const left = withoutSpans(whole, others);
        expectApart(left);
        for (const us of moments) {
          expect(left.some(isIn(us))).toBe(isIn(us)(whole) && !others.some(isIn(us)));
        }
      }),
    );
  });
});
