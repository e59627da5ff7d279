import fc from 'fast-check';
import { expect, it } from 'vitest';
import { deriveId, intentId, isDerivedId, orderId, signalId } from './ids.ts';
import { timeUs } from './numbers.ts';

const signal = {
  runId: 'live',
  botId: 'trend',
  configRevision: 3,
  symbol: 'SPY',
  timeframe: '5m',
  barEndUs: timeUs(1_700_000_000_000_000),
  inputRevision: 0,
};
const intent = {
  runId: 'live',
  accountId: 'paper',
  symbol: 'SPY',
  causeKind: 'signal',
  causeId: 'x',
} as const;
const order = { intentId: 'x', leg: 0, attempt: 1 };

it('gives ids of 26 characters in lower-case Crockford base 32', () => {
  expect(deriveId('signal', 'a', 1)).toMatch(/^[0-9a-hjkmnp-tv-z]{26}$/);
});

it('gives the same ids in every release', () => {
  expect(deriveId('order', 'abc', 0, 1)).toBe('vc8cyztzagbj5qsbq71ap679hw');
});

it.each([
  ['signal', signal, signalId as (key: object) => string],
  ['intent', intent, intentId as (key: object) => string],
  ['order', order, orderId as (key: object) => string],
])('changes the id of a %s with each part of its key', (_, key, idOf) => {
  const ids = new Set([idOf({ ...key })]);
  const names = Object.keys(key);
  for (const name of names) ids.add(idOf({ ...key, [name]: 'changed' }));
  expect(ids.size).toBe(names.length + 1);
  expect(idOf({ ...key })).toBe(idOf(key));
});

it('tells lists of parts apart that join to the same text', () => {
  const part = fc.oneof(
    fc.string({ unit: fc.constantFrom('|', ':', '1', 'a'), maxLength: 6 }),
    fc.string({ unit: 'binary', maxLength: 6 }),
  );
  const parts = fc.array(part, { maxLength: 4 });
  fc.assert(
    fc.property(parts, parts, (a, b) => {
      const same = JSON.stringify(a) === JSON.stringify(b);
      expect(deriveId('k', ...a) === deriveId('k', ...b)).toBe(same);
    }),
  );
  fc.assert(
    fc.property(fc.string({ minLength: 1, maxLength: 8 }), fc.nat(8), fc.nat(8), (text, i, j) => {
      const [from, to] = [Math.min(i, text.length), Math.min(j, text.length)];
      fc.pre(from !== to);
      const cut = (at: number) => deriveId('k', text.slice(0, at), text.slice(at));
      expect(cut(from)).not.toBe(cut(to));
    }),
  );
});

it('knows the form of a derived id from what others name', () => {
  expect(isDerivedId(deriveId('order', 'abc', 0, 1))).toBe(true);
  for (const foreign of ['', '7', 'x'.repeat(26).replace('x', 'I'), deriveId('a').toUpperCase()])
    expect(isDerivedId(foreign)).toBe(false);
});
