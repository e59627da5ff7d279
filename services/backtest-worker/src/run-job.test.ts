import { describe, expect, it } from 'vitest';
import { SPEC, worldOf } from './backtest-world.fixture.ts';
import { type JobSpec, parseJob } from './config.ts';
import { LIMITS } from './limits.ts';
import { type JobResult, runJob } from './run-job.ts';

function play(slices: number, changes: Partial<JobSpec> = {}, jobId = 'job'): JobResult {
  const run = runJob(jobId, { ...SPEC, ...changes }, worldOf(slices));
  for (;;) {
    const step = run.next();
    if (step.done === true) return step.value;
  }
}

describe('runJob', () => {
  it('gives the same result for the same job, and another digest for another', () => {
    const result = play(700);
    expect(result.fills).toBeGreaterThan(5);
    expect(play(700)).toEqual(result);
    expect(play(700, { params: { fast: 5, slow: 25 } }).digest).not.toBe(result.digest);
    expect(play(700, {}, 'other')).toEqual(result);
  });

  it('adds up', () => {
    const result = play(700);
    expect(result).toMatchObject({
      bars: 1_400,
      slices: 700,
      fingerprint: 'f00d',
      startEquityMicros: 100_000_000_000,
      feesMicros: 0,
    });
    const orders = Object.values(result.orders).reduce((sum, count) => sum + count, 0);
    expect(orders).toBeLessThanOrEqual(result.intents);
    expect(result.signals).toBeGreaterThanOrEqual(result.intents);
    expect(result.maxDrawdownFraction).toBeLessThanOrEqual(0);
    expect(result.equity.at(-1)?.[1]).toBe(result.endEquityMicros);
    expect(result.equity.length).toBeLessThanOrEqual(LIMITS.curvePoints);
    expect(result.equity.length).toBeGreaterThan(LIMITS.curvePoints / 2);
  });

  it('sizes by what the job says, and counts what could not be measured yet', () => {
    const sizing = { kind: 'atrRisk', riskFraction: 0.001, atrBars: 14, atrMultiple: 2 } as const;
    const result = play(700, { sizing: { ...sizing, maxFraction: 0.5 } });
    expect(result.fills).toBeGreaterThan(5);
    expect(result.digest).not.toBe(play(700).digest);
    const never = play(700, { sizing: { ...sizing, atrBars: 9_999, maxFraction: 0.5 } });
    expect(never).toMatchObject({ fills: 0, denials: { sizing: never.intents } });
  });

  it('plays the symbols asked for, and names one that is not there', () => {
    expect(play(300, { symbols: ['AAA'] }).signals).toBeLessThan(play(300).signals);
    expect(() => play(10, { symbols: ['ZZZ'] })).toThrow(/no symbol 'ZZZ'.*They have: AAA, BBB/);
    expect(() => play(10, { strategy: 'nope' })).toThrow(/no strategy named 'nope'/);
  });

  it('reads the bars of other symbols, whether they are traded or not', () => {
    const filter = { strategy: 'market-filter', symbols: ['AAA'] };
    const params = { length: 5, market: 'BBB', market_length: 9 };
    const filtered = play(700, { ...filter, params });
    expect(filtered.fills).toBeGreaterThan(5);
    expect(filtered.bars).toBe(700);
    const itself = play(700, { ...filter, params: { ...params, market: 'AAA' } });
    expect(itself.digest).not.toBe(filtered.digest);
    expect(() => play(10, { ...filter, params: { market: 'ZZZ' } })).toThrow(
      "the bars have no symbol 'ZZZ', which strategy 'market-filter' reads",
    );
  });

  it('lets whoever runs it look up, and says how far it is', () => {
    const steps = runJob('job', SPEC, worldOf(50));
    const said: number[] = [];
    let step = steps.next();
    for (; step.done !== true; step = steps.next()) said.push(step.value.doneFraction);
    expect(said.length).toBeGreaterThan(1);
    expect(said).toEqual([...said].sort((a, b) => a - b));
    expect(step.value).toEqual(play(50));
  });

  it('plays nothing where there is nothing', () => {
    expect(play(0)).toMatchObject({ bars: 0, equity: [], endCashMicros: 100_000_000_000 });
  });
});

describe('parseJob', () => {
  it('fills in what is not said', () => {
    expect(parseJob('{"bars":"a.csv","strategy":"ma-cross","cash":5.5}')).toEqual({
      bars: 'a.csv',
      strategy: 'ma-cross',
      params: {},
      hours: 'regular',
      cashMicros: 5_500_000,
      sizing: { kind: 'equityFraction', fraction: 0.1 },
    });
  });

  it('reads every kind of sizing', () => {
    const sizingOf = (sizing: object) =>
      parseJob(JSON.stringify({ bars: 'a.csv', strategy: 'x', sizing })).sizing;
    expect(sizingOf({ kind: 'fixedNotional', notional: 500 })).toEqual({
      kind: 'fixedNotional',
      notionalMicros: 500_000_000,
    });
    expect(sizingOf({ kind: 'volatilityTarget', annualVolatility: 0.2 })).toMatchObject({
      annualVolatility: 0.2,
      lookbackBars: 20,
    });
  });

  it.each([
    ['{', 'it is not JSON'],
    ['{"strategy":"x"}', 'bars'],
    ['{"bars":"a","strategy":"x","colour":1}', 'colour'],
    ['{"bars":"a","strategy":"x","cash":"-1"}', 'cash'],
    ['{"bars":"a","strategy":"x","symbols":[]}', 'symbols'],
    ['{"bars":"a","strategy":"x","symbols":["A","A"]}', 'each symbol once'],
    ['{"bars":"a","strategy":"x","sizing":{"kind":"all"}}', 'must be one of fixedQuantity'],
    ['{"bars":"a","strategy":"x","sizing":{"kind":"atrRisk","risk":0}}', 'must be money above 0'],
  ])('names what is wrong with %s', (json, what) => {
    expect(() => parseJob(json)).toThrow(
      expect.objectContaining({ code: 'BACKTEST.SPEC', why: expect.stringContaining(what) }),
    );
  });
});
