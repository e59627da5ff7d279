import { expect, it } from 'vitest';
import type { ReceivedSpan } from './collector.ts';
import { drawTrace } from './trace-picture.ts';

const span = (
  spanId: string,
  parentSpanId: string,
  name: string,
  startUs: number,
): ReceivedSpan => ({
  ...{ service: 'capstan-risk', traceId: 't', spanId, parentSpanId, name },
  ...{ startUs, endUs: startUs + 2_000, attributes: {} },
});

it('draws each step under what led to it, in the order of time, and leaves details out', () => {
  const picture = drawTrace([
    span('c', 'a', 'third', 9_000),
    span('d', 'b', 'pg.query:COMMIT', 2_000),
    span('b', 'a', 'second <b>', 1_000),
    span('a', '', 'first', 0),
  ]);
  const labels = [...picture.matchAll(/<text x="(\d+)"[^>]*>risk: ([^<]+)</g)].map(
    ([, x, label]) => `${x} ${label}`,
  );
  expect(labels).toEqual(['12 first', '22 second &lt;b&gt;', '22 third']);
  expect(picture).toContain('3 steps in 11 ms');
  expect(() => drawTrace([])).toThrow('first span');
});
