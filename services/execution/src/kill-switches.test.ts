import { timeUs } from '@capstan/domain';
import type { KvEntry } from '@capstan/ports';
import { MemoryKv, portErrors, VirtualClock } from '@capstan/testkit';
import { describe, expect, it } from 'vitest';
import { KillSwitches, parseFields, parseSwitch } from './kill-switches.ts';
import { LIMITS } from './limits.ts';

const START_US = timeUs(1_767_623_400_000_000);
const HARD = { mode: 'hard', actor: 'me', reason: 'fire' } as const;
const SOFT = { mode: 'soft', actor: 'you', reason: 'care' } as const;
const OFF = { mode: 'off', actor: 'me', reason: '' } as const;

/** A bucket that can be out of reach. */
class FlakyKv extends MemoryKv {
  isDown = false;

  override async put(bucket: string, key: string, value: Uint8Array): Promise<number> {
    if (this.isDown) throw portErrors.busUnavailable('NATS is away');
    return super.put(bucket, key, value);
  }

  override async get(bucket: string, key: string): Promise<KvEntry | undefined> {
    if (this.isDown) throw portErrors.busUnavailable('NATS is away');
    return super.get(bucket, key);
  }
}

function twoProcesses() {
  const clock = new VirtualClock(START_US);
  const kv = new FlakyKv(clock);
  return {
    clock,
    kv,
    here: new KillSwitches({ kv, clock }),
    there: new KillSwitches({ kv, clock }),
  };
}

describe('a kill', () => {
  it('that cannot be stored stands where it was thrown, until it can be lifted there', async () => {
    const { clock, kv, here, there } = twoProcesses();
    kv.isDown = true;
    const thrown = here.set('paper', HARD);
    expect(here.get('paper').mode).toBe('hard');
    await clock.advance(LIMITS.storeWaitMs);
    await thrown;
    expect(here.isUnsaved('paper')).toBe(true);
    kv.isDown = false;
    expect((await here.read('paper')).mode).toBe('hard');
    await there.set('paper', OFF);
    expect((await here.read('paper')).mode).toBe('hard');
    await here.set('paper', OFF);
    expect(here.get('paper').mode).toBe('off');
  });

  it('of another process is followed, in the order in which it was stored', async () => {
    const { here, there } = twoProcesses();
    await there.set('paper', HARD);
    const source = await here.follow('paper');
    await source.next();
    expect(here.get('paper')).toMatchObject(HARD);
    await there.set('paper', OFF);
    await source.next();
    expect(here.get('paper').mode).toBe('off');
    await source.close();
  });

  it('is not lifted by an entry that is older', async () => {
    const { kv, here, there } = twoProcesses();
    await there.set('paper', OFF);
    const old = await kv.get('switches', 'kill/paper');
    await here.set('paper', HARD);
    if (old !== undefined) here.learn('paper', old);
    expect(here.get('paper').mode).toBe('hard');
  });

  it('that could not be stored is stored once the bus is back', async () => {
    const { clock, kv, here, there } = twoProcesses();
    kv.isDown = true;
    const thrown = here.set('paper', HARD);
    await clock.advance(LIMITS.storeWaitMs);
    const standing = await thrown;
    expect(there.get('paper').mode).toBe('off');
    kv.isDown = false;
    await clock.advance(LIMITS.retryMaxMs);
    expect(await there.read('paper')).toEqual(standing);
    expect(here.isUnsaved('paper')).toBe(false);
  });

  it('is heard of at once by who listens, before it is stored, and what follows it too', async () => {
    const { here } = twoProcesses();
    const heard: string[] = [];
    const unhook = here.onChange('paper', ({ mode }) => heard.push(mode));
    const source = await here.follow('paper');
    const next = source.next();
    const thrown = here.set('paper', HARD);
    expect(heard).toEqual(['hard']);
    expect(await next).not.toEqual([]);
    await thrown;
    await here.set('paper', OFF);
    unhook();
    await here.set('paper', HARD);
    expect(heard).toEqual(['hard', 'off']);
    await source.close();
  });

  it('of another kind is told by its words, as far as it is', async () => {
    const { kv, here, there } = twoProcesses();
    const { sinceUs } = await here.set('paper', { ...HARD, foreign: true });
    await here.report('paper', sinceUs, 'round 1 flattens SPY');
    expect(await there.read('paper')).toMatchObject({ foreign: true });
    expect(await there.progress('paper')).toBe('round 1 flattens SPY');
    await here.set('paper', HARD);
    expect(await here.progress('paper')).toBe('');
    kv.isDown = true;
    await here.report('paper', sinceUs, 'lost');
  });

  it('that could not be stored is not lifted by what comes from elsewhere', async () => {
    const { clock, kv, here, there } = twoProcesses();
    kv.isDown = true;
    const thrown = here.set('paper', HARD);
    await clock.advance(LIMITS.storeWaitMs);
    await thrown;
    kv.isDown = false;
    await there.set('paper', OFF);
    const entry = await kv.get('switches', 'kill/paper');
    if (entry !== undefined) here.learn('paper', entry);
    expect(here.get('paper').mode).toBe('hard');
  });
});

describe('a soft kill', () => {
  it('leaves a hard one as it stands, here and in a process that has not heard of it', async () => {
    const { here, there } = twoProcesses();
    const hard = await here.set('paper', HARD);
    expect(await here.set('paper', SOFT)).toEqual(hard);
    expect(there.get('paper').mode).toBe('off');
    expect(await there.set('paper', SOFT)).toEqual(hard);
    expect(there.isUnsaved('paper')).toBe(false);
    expect(await here.read('paper')).toEqual(hard);
  });

  it('of a process without the bus gives way to a hard one that was stored meanwhile', async () => {
    const { clock, kv, here, there } = twoProcesses();
    kv.isDown = true;
    const thrown = here.set('paper', SOFT);
    await clock.advance(LIMITS.storeWaitMs);
    expect((await thrown).mode).toBe('soft');
    kv.isDown = false;
    const hard = await there.set('paper', HARD);
    await clock.advance(LIMITS.retryMaxMs);
    expect(here.get('paper')).toEqual(hard);
    expect(await there.read('paper')).toEqual(hard);
  });

  it('is made hard by a hard one, which goes on to flatten all where one before it did', async () => {
    const { here, there } = twoProcesses();
    await there.set('paper', SOFT);
    expect((await there.set('paper', { ...HARD, foreign: true })).mode).toBe('hard');
    expect((await there.set('paper', HARD)).foreign).toBe(true);
    expect((await here.read('paper')).foreign).toBe(true);
  });
});

describe('lifting', () => {
  it('that cannot be stored lifts nothing', async () => {
    const { kv, here } = twoProcesses();
    await here.set('paper', HARD);
    kv.isDown = true;
    await expect(here.set('paper', OFF)).rejects.toMatchObject({ code: 'BUS.UNAVAILABLE' });
    expect(here.get('paper').mode).toBe('hard');
  });

  it('gives each standing a later time than the one before', async () => {
    const { here } = twoProcesses();
    const first = await here.set('paper', HARD);
    const second = await here.set('paper', OFF);
    expect(second.sinceUs).toBeGreaterThan(first.sinceUs);
  });
});

describe('a stored switch', () => {
  const entry = (text: string) => ({
    key: 'kill/paper',
    value: new TextEncoder().encode(text),
    revision: 7,
  });

  it('that is not there or empty is off', () => {
    expect(parseSwitch(undefined).mode).toBe('off');
    expect(parseSwitch(entry('')).mode).toBe('off');
  });

  it.each(['{', '[]', 'null', '7', '{"mode":"gentle"}'])('%s counts as soft', (text) => {
    expect(parseSwitch(entry(text)).mode).toBe('soft');
  });

  it('without its other fields has empty ones', () => {
    const off = { mode: 'hard', actor: '', reason: '', sinceUs: 0, foreign: false };
    expect(parseSwitch(entry('{"mode":"hard","actor":3,"sinceUs":"x"}'))).toEqual(off);
  });

  it('of no object has no fields', () => {
    expect(parseFields('"text"')).toBeUndefined();
  });
});
