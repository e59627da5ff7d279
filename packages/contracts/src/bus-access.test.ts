import { describe, expect, it } from 'vitest';
import { BUS_ACCESS, type BusAccess } from './bus-access.ts';
import { KV_BUCKETS, STREAMS } from './streams.ts';

const entries = Object.entries(BUS_ACCESS) as readonly (readonly [string, BusAccess])[];
const publishersOf = (pattern: string): readonly string[] =>
  entries.filter(([, { publishes }]) => publishes.includes(pattern)).map(([name]) => name);

describe('who does what on the bus', () => {
  it('names one publisher for each subject of events', () => {
    const patterns = entries.flatMap(([, { publishes }]) => publishes);
    expect(patterns.length).toBeGreaterThan(10);
    for (const pattern of patterns) expect(publishersOf(pattern)).toHaveLength(1);
  });

  it('lets only risk approve, and only execution order and fill', () => {
    expect(publishersOf('trading.approved.*')).toEqual(['risk']);
    expect(publishersOf('trading.order.*')).toEqual(['execution']);
    expect(publishersOf('trading.fill.*')).toEqual(['execution']);
  });

  it('has a publisher for what every stream takes', () => {
    for (const { name, subjects } of STREAMS) {
      for (const filter of subjects) {
        const stem = filter.replace(/>$/, '');
        const found = entries.some(([, { publishes }]) =>
          publishes.some((pattern) => pattern.startsWith(stem)),
        );
        expect([name, filter, found]).toEqual([name, filter, true]);
      }
    }
  });

  it('names streams and buckets that there are, and asks only for what somebody answers', () => {
    const streams = STREAMS.map(({ name }) => name);
    const buckets = KV_BUCKETS.map(({ name }) => name);
    const answered = entries.flatMap(([, { answers }]) => answers);
    expect(new Set(answered).size).toBe(answered.length);
    for (const [, access] of entries) {
      expect(streams).toEqual(expect.arrayContaining([...access.reads]));
      expect(buckets).toEqual(
        expect.arrayContaining([...access.bucketsRead, ...access.bucketsWritten]),
      );
      expect(answered).toEqual(expect.arrayContaining([...access.asks]));
    }
  });
});
