import { expect, it } from 'vitest';
import { bytes } from '../suites/samples.ts';
import { MemoryBlobs } from './memory-blobs.ts';
import { MemoryLog } from './memory-log.ts';
import { nullMeter, nullTracer } from './null-telemetry.ts';
import { SeededIds } from './seeded-ids.ts';
import { subjectMatches } from './subject-match.ts';

it('keeps blobs by their digest, as copies', async () => {
  const blobs = new MemoryBlobs();
  const data = bytes('abc');
  const digest = await blobs.put(data);
  expect(digest).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  data.fill(0);
  (await blobs.get(digest))?.fill(1);
  expect(await blobs.get(digest)).toEqual(bytes('abc'));
  expect(await blobs.get('00')).toBeUndefined();
});

it('gives ids that repeat by seed and never within one', () => {
  const draw = (seed: number) => {
    const ids = new SeededIds(seed, 'p-');
    return Array.from({ length: 100 }, () => [ids.incarnation(), ids.random()]).flat();
  };
  expect(draw(1)).toEqual(draw(1));
  expect(draw(1)).not.toEqual(draw(2));
  expect(new Set(draw(1)).size).toBe(200);
});

it('keeps log lines with the fields of all parents', () => {
  const seen: string[] = [];
  const log = new MemoryLog((line) => seen.push(line.message));
  log.child({ key: 'bot/a' }).child({ token: 3 }).warn('lost its lease', { why: 'silence' });
  log.error('stopped');
  expect(log.lines).toEqual([
    {
      level: 'warn',
      message: 'lost its lease',
      fields: { key: 'bot/a', token: 3, why: 'silence' },
    },
    { level: 'error', message: 'stopped', fields: {} },
  ]);
  expect(seen).toEqual(['lost its lease', 'stopped']);
});

it('measures and traces nothing without failing', async () => {
  nullMeter.count('a');
  const headers: Record<string, string> = {};
  const span = nullTracer.start('a');
  span.inject(headers);
  expect(headers).toEqual({});
  expect(await span.run(() => Promise.resolve('done'))).toBe('done');
});

it.each([
  ['a.b', 'a.b', true],
  ['a.b', 'a.b.c', false],
  ['a.b.c', 'a.b', false],
  ['a.*', 'a.b', true],
  ['a.*', 'a', false],
  ['a.*', 'a.b.c', false],
  ['*.b', 'a.b', true],
  ['a.>', 'a.b.c', true],
  ['a.>', 'a', false],
  ['>', 'a', true],
  ['a.>.c', 'a.b.c', false],
])('matches %s against %s: %s', (filter, subject, expected) => {
  expect(subjectMatches(filter, subject)).toBe(expected);
});
