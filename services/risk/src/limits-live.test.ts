import { parseCash } from '@capstan/domain';
import { DEFAULT_LIMITS } from '@capstan/risk';
import { describe, expect, it } from 'vitest';
import { at, RiskWorld, sliceOf } from './risk-world.fixture.ts';

const LIMITS = { ...DEFAULT_LIMITS, maxSymbolNotionalMicros: parseCash('5000') };

const start = () => RiskWorld.start({ limits: LIMITS, venueReportsSlices: false });
const policies = (world: RiskWorld) =>
  world.denied().flatMap((one) => one.denials.map(({ policy }) => policy));
const shown = (world: RiskWorld) => JSON.parse(world.shown.get('limits/paper') ?? '{}');

describe('limits that are set live', () => {
  it('hold from the next decision on, are audited, and outlive a restart', async () => {
    const world = await start();
    await world.say(sliceOf('a', at(0), [['AAA', 'long']]));
    const answer = await world.setLimits({ set: { maxPositions: '1', blockedSymbols: 'BBB' } });
    expect(answer).toMatchObject({ state: 'done' });
    expect(world.commits.at(-1)?.audit).toMatchObject([
      { actor: 'ana', action: 'SetLimits', subject: 'paper' },
    ]);
    await world.restart();
    await world.say(sliceOf('a', at(1), [['BBB', 'long']]));
    expect(policies(world)).toEqual(['blocked-symbol']);
    expect(shown(world)).toMatchObject({
      changed: true,
      limits: { maxPositions: 1, blockedSymbols: ['BBB'], maxSymbolNotional: '5000' },
    });
  });

  it('are told with the first slice that is decided by them, once, over a restart', async () => {
    const world = await start();
    const told = () =>
      world.approved().map(({ limits = '{}' }) => JSON.parse(limits).maxPositions ?? limits);
    await world.say(sliceOf('a', at(0)));
    await world.setLimits({ set: { maxPositions: '1' } });
    await world.say(sliceOf('a', at(1)));
    await world.restart();
    await world.say(sliceOf('a', at(2)));
    expect(told()).toEqual([expect.stringContaining('maxSymbolNotional'), 1, '{}']);
  });

  it('give way to a configuration that says something else than it did', async () => {
    const world = await start();
    await world.setLimits({ botId: 'a', set: { maxOrderUnits: 1 } });
    await world.redeploy({ limits: { ...LIMITS } });
    expect(shown(world).limits.scopes).toEqual([{ bot: 'a', maxOrderUnits: 1 }]);
    await world.redeploy({ limits: { ...LIMITS, maxPositions: 7 } });
    expect(shown(world)).toMatchObject({ changed: false, limits: { maxPositions: 7 } });
    expect(shown(world).limits.scopes).toBeUndefined();
  });

  it.each([
    [{ set: { maxPosition: 1 } }, "unknown key 'maxPosition'. Did you mean 'maxPositions'?"],
    [{ set: { maxSymbolNotional: -1 } }, 'maxSymbolNotional is -1'],
    [{ set: { maxGrossExposure: 10 } }, 'above maxGrossExposure of 10.00'],
    [{ botId: 'x', set: { maxPositions: 1 } }, "account paper has no bot 'x'"],
    [{ symbol: 'AAB', set: { maxPositions: 1 } }, "no symbol 'AAB'. Did you mean 'AAA'?"],
    [{ limits: 3 }, 'the change cannot be read'],
  ])('are refused where they cannot be: %j', async (change, reason) => {
    const world = await start();
    const answer = await world.setLimits(change);
    expect(answer).toMatchObject({ state: 'refused', result: expect.stringContaining(reason) });
    expect(world.commits.at(-1)?.audit).toBeUndefined();
    expect(shown(world)).toMatchObject({ changed: false });
    await world.say(sliceOf('a', at(0), [['AAA', 'long']]));
    expect(world.approved()[0]?.orders).toHaveLength(1);
  });
});

describe('our clock', () => {
  it('adds nothing on a slice that ends more than 10 s ahead of it', async () => {
    const world = await RiskWorld.start({ eventTime: false, venueReportsSlices: false });
    world.nowUs = at(0);
    const ahead = { sliceEndUs: (at(0) + 11_000_000) as ReturnType<typeof at> };
    await world.say({ ...sliceOf('a', ahead.sliceEndUs, [['AAA', 'long']]) });
    expect(policies(world)).toEqual(['clock-offset']);
  });
});
