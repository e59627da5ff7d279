import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppError } from '@capstan/domain';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseOverride, parseParameterOverride, parseSource } from './config-source.ts';
import { checkRun, readRunFile } from './read-run.ts';

const GOOD = `provider: synthetic
symbol: AAA
timeframe: 5m
strategy: ma-cross
`;

function faultsOf(text: string): readonly string[] {
  try {
    checkRun(parseSource(text, 'run.yaml'), 'run.yaml');
  } catch (error) {
    if (error instanceof AppError) return error.why.split('\n').slice(1, -1);
    throw error;
  }
  return [];
}

describe('a run file', () => {
  it('needs little, and gets every default', () => {
    expect(checkRun(parseSource(GOOD, 'run.yaml'), 'run.yaml')).toMatchObject({
      cash: '100000',
      params: {},
      commission: { kind: 'none' },
      execution: { fillAt: 'nextOpen', closeAtEnd: false },
      risk: { entryTiming: 'nextOpen', bufferBps: 0 },
      benchmark: 'hold',
    });
  });

  it('says file, line, column, key, value and what is allowed of each fault', () => {
    const text = `${GOOD}cash: -5
commission: { kind: bps, feeBps: 20000 }
metrics:
  keep: 1.5
params: { fast: { from: 1 } }
`;
    expect(faultsOf(text)).toEqual([
      expect.stringMatching(/^ {2}run\.yaml:5:1: 'cash' is -5; allowed: a plain decimal/),
      "  run.yaml:6:26: 'commission.feeBps' is 20000; allowed: number 0 to 10000.",
      "  run.yaml:8:3: 'metrics.keep' is 1.5; allowed: whole number 0 to 100.",
      "  run.yaml:9:11: 'params.fast.to' is missing; allowed: number.",
    ]);
  });

  it('refuses unknown keys with the nearest name', () => {
    expect(faultsOf(`${GOOD}strateg: x\nsizing: { kind: equityFraction, fracton: 1 }\n`)).toEqual(
      expect.arrayContaining([
        expect.stringMatching(
          /^ {2}run\.yaml:5:1: unknown key 'strateg'\. Did you mean 'strategy'\? Known here: /,
        ),
        expect.stringMatching(/unknown key 'sizing\.fracton'\. Did you mean 'fraction'\?/),
      ]),
    );
  });

  it.each([
    ['symbols: [A, B]', /'symbols' and 'symbol' are both given/],
    ['path: x.csv', /'path' is of provider files, not synthetic/],
    ['benchmark: SPY', /'benchmark' is "SPY"; allowed: hold, none or a file/],
    ['start: 2024-02-01\nend: 2024-01-01', /'end' is 2024-01-01, before 'start' 2024-02-01/],
    ['sizing: { kind: none }', /'sizing\.kind' is "none"; allowed: one of fixedQuantity/],
    ['sizing: { kind: fixedNotional, notional: 0 }', /:5:\d+: 'sizing\.notional' must be money/],
    ['sizing: { kind: atrRisk }', /'sizing\.riskFraction' must be given, or risk in cash/],
    [
      'sizing: { kind: atrRisk, risk: 5, riskFraction: 0.1 }',
      /'sizing\.riskFraction' must be given/,
    ],
    ['sizing: { kind: atrRisk, risk: 5, atrBars: 0 }', /'sizing\.atrBars' is 0; allowed: .*1/],
    ['risk: { maxPosition: 3 }', /unknown key 'risk\.maxPosition'\. Did you mean 'maxPos/],
    ['risk: { maxPositions: -1 }', /'risk\.maxPositions' is -1; allowed: /],
    ['risk: { maxNetExposure: 2, maxGrossExposure: 1 }', /maxNetExposure is 2\.00, above/],
    ['risk: { scopes: [{ bot: trend, maxPositions: 1 }] }', /'risk\.scopes\.0\.bot' must be bot/],
    ['risk: { scopes: [{ maxPositions: 1 }] }', /names neither a bot nor a symbol/],
    ['sizing: { kind: volatilityTarget }', /'sizing\.annualVolatility' is missing; allowed: /],
  ])('refuses keys that do not fit together: %s', (more, expected) => {
    expect(faultsOf(`${GOOD}${more}\n`).join('\n')).toMatch(expected);
  });

  it('says what is wrong with a key once', () => {
    expect(faultsOf(`${GOOD}sizing: { kind: atrRisk, riskFraction: 2 }\n`)).toHaveLength(1);
  });

  it('names what is missing', () => {
    expect(faultsOf('provider: files\n').join('\n')).toMatch(
      /'timeframe' is missing; allowed: one of 1m/,
    );
    expect(faultsOf('provider: files\ntimeframe: 1d\nstrategy: x\n')).toEqual([
      "  run.yaml: 'path' is missing; allowed: the files of the bars, which provider files reads.",
    ]);
  });

  it('says where text is no YAML', () => {
    expect(() => parseSource('a: [1\nb: 2', 'run.yaml')).toThrow(/run\.yaml:2:1 is not YAML/);
    expect(() => parseSource('- a', 'run.yaml')).toThrow(/must be a map/);
  });
});

describe('overrides', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'capstan-config-'));
    await writeFile(
      join(folder, 'run.yaml'),
      'provider: files\npath: bars.csv\ntimeframe: 1d\nstrategy: ./own.ts\nparams: { fast: 3 }\n',
    );
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('win over the file, and are named in messages', () => {
    const { run, locate } = readRunFile({
      file: join(folder, 'run.yaml'),
      overrides: [
        parseOverride('execution.fillAt=sameClose'),
        parseParameterOverride('fast=5,10'),
        parseParameterOverride('slow=0.1:0.3:0.1'),
      ],
    });
    expect(run.execution.fillAt).toBe('sameClose');
    expect(run.params).toEqual({ fast: [5, 10], slow: { from: 0.1, to: 0.3, step: 0.1 } });
    expect(locate(['params', 'fast'])).toBe('--param fast=5,10');
    expect(() =>
      readRunFile({ file: join(folder, 'run.yaml'), overrides: [parseOverride('cash=no')] }),
    ).toThrow(/--set cash=no: 'cash' is "no"/);
  });

  it('takes paths of the file from its folder, and those of overrides from the current one', () => {
    const file = join(folder, 'run.yaml');
    expect(readRunFile({ file }).run).toMatchObject({
      path: join(folder, 'bars.csv'),
      strategy: join(folder, 'own.ts'),
    });
    const overrides = [parseOverride('path=[a.csv, b.csv]')];
    expect(readRunFile({ file, overrides, folder: '/elsewhere' }).run.path).toEqual([
      '/elsewhere/a.csv',
      '/elsewhere/b.csv',
    ]);
  });

  it('takes a lake that nobody names from where the commands take theirs, not from the file', async () => {
    const file = join(folder, 'stored.yaml');
    const text = 'provider: lake\nsymbol: AAA\ntimeframe: 1d\nstrategy: ma-cross\n';
    await writeFile(file, text);
    const lakeOf = (options: object) => readRunFile({ file, folder: '/here', ...options }).run.lake;
    expect(lakeOf({})).toBe('/here/data');
    expect(lakeOf({ lake: '/mine' })).toBe('/mine');
    expect(lakeOf({ lake: 'mine' })).toBe('/here/mine');
    expect(lakeOf({ lake: '/mine', overrides: [parseOverride('lake=x')] })).toBe('/here/x');
    await writeFile(file, `${text}lake: kept\n`);
    expect(lakeOf({ lake: '/mine' })).toBe(join(folder, 'kept'));
  });

  it('say what they must look like', () => {
    expect(() => parseOverride('cash')).toThrow(/--set cash: it must be key=value/);
    expect(() => parseParameterOverride('=3')).toThrow(/it must be name=value/);
    expect(() => parseOverride('cash=[1')).toThrow(/is not YAML/);
  });

  it('says that a file cannot be read', () => {
    expect(() => readRunFile({ file: join(folder, 'none.yaml') })).toThrow(
      /cannot be read \(ENOENT\)/,
    );
  });
});
