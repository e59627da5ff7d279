import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RunReport } from '../run-report.ts';
import { distributionSection } from './distribution.ts';

const WIDTH = 640;
/** More than any letter of the page is wide at the size of a label, in units of the drawing. */
const LETTER = 7.5;

function labelsOf(mean: number, valueAtRisk: number) {
  const bins = [
    { from: -0.02, to: 0, count: 3 },
    { from: 0, to: 0.02, count: 4 },
  ];
  const report = {
    distribution: { bins, count: 7, mean },
    metrics: [{ definition: { key: 'valueAtRisk95' }, value: valueAtRisk }],
  } as unknown as RunReport;
  const marks = distributionSection(report).text.matchAll(
    /<text class="tick (?:mean|risk)" x="([^"]+)"[^>]*text-anchor="(\w+)">([^<]+)</g,
  );
  return [...marks].map(([, x, anchor, text = '']) => {
    const wide = text.length * LETTER;
    const left = anchor === 'end' ? Number(x) - wide : Number(x);
    return { left, right: left + wide };
  });
}

describe('distributionSection', () => {
  it('writes what its lines are inside the drawing, wherever they stand', () => {
    const within = fc.double({ min: -0.02, max: 0.02, noNaN: true });
    const property = fc.property(within, within, (mean, valueAtRisk) => {
      const labels = labelsOf(mean, valueAtRisk);
      expect(labels).toHaveLength(2);
      for (const { left, right } of labels) {
        expect(left).toBeGreaterThanOrEqual(0);
        expect(right).toBeLessThanOrEqual(WIDTH);
      }
    });
    fc.assert(property, {
      examples: [
        [0, -0.0195],
        [0.0195, -0.01],
      ],
    });
  });
});
