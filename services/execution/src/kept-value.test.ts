import { timeUs } from '@capstan/domain';
import { MemoryKv, portErrors, VirtualClock } from '@capstan/testkit';
import { expect, it } from 'vitest';
import { KeptValue } from './kept-value.ts';
import { LIMITS } from './limits.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

function kept() {
  const clock = new VirtualClock(timeUs(1_767_623_400_000_000));
  const kv = new MemoryKv(clock);
  const stored = async (): Promise<string> => {
    const entry = await kv.get('switches', 'one');
    return new TextDecoder().decode(entry?.value);
  };
  return { clock, kv, stored, value: new KeptValue({ kv, clock }, 'switches', 'one') };
}

it('is stored at once, and says where', async () => {
  const { value, stored } = kept();
  const revisions: number[] = [];
  await value.put(bytes('a'), (revision) => revisions.push(revision));
  await value.put(bytes('b'), (revision) => revisions.push(revision));
  expect(await stored()).toBe('b');
  expect(revisions).toEqual([1, 2]);
});

it('of two that come together, the newer stands, and the older is not said to be stored', async () => {
  const { value, stored } = kept();
  const said: string[] = [];
  const first = value.put(bytes('a'), () => said.push('a'));
  await value.put(bytes('b'), () => said.push('b'));
  await first;
  expect(await stored()).toBe('b');
  expect(said).toEqual(['b']);
});

it('waits for a bus that is away, and stores only the newest', async () => {
  const { clock, kv, value, stored } = kept();
  const put = kv.put.bind(kv);
  const tried: string[] = [];
  kv.put = (_bucket, _key, data) => {
    tried.push(new TextDecoder().decode(data));
    return Promise.reject(portErrors.busUnavailable('away'));
  };
  void value.put(bytes('a'));
  await clock.advance(LIMITS.retryMaxMs);
  void value.put(bytes('b'));
  kv.put = put;
  await clock.advance(LIMITS.retryMaxMs);
  expect(await stored()).toBe('b');
  expect(new Set(tried)).toEqual(new Set(['a']));
});

it('that is forgotten is not stored any more', async () => {
  const { clock, kv, value } = kept();
  const put = kv.put.bind(kv);
  kv.put = () => Promise.reject(portErrors.busUnavailable('away'));
  void value.put(bytes('a'));
  await clock.advance(0);
  value.forget();
  kv.put = put;
  await clock.advance(10 * LIMITS.retryMaxMs);
  expect(await kv.get('switches', 'one')).toBeUndefined();
});
