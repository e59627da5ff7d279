import { METRICS } from '@capstan/analytics';
import { cashMicros, usEquity } from '@capstan/domain';
import { describe, expect, it } from 'vitest';
import { EQUITY_COLUMNS, equityCsv } from './equity-csv.ts';
import { metricsCsv, metricsHeader, metricsLine } from './metrics-csv.ts';
import { runNotebook, sweepNotebook } from './notebook.ts';
import { reportInputOf } from './test-report-world.ts';
import { TRADE_COLUMNS, tradesCsv } from './trades-csv.ts';

const input = reportInputOf();
const instruments = input.result.symbols.map((symbol) => usEquity(symbol));
const linesOf = (text: string) => text.trimEnd().split('\n');

describe('trades.csv', () => {
  it('has a row a trade whose money adds up to what the run gained', () => {
    const [header, ...rows] = linesOf(tradesCsv(input.trips, instruments));
    expect(header).toBe(TRADE_COLUMNS.join(','));
    const { closed, open, looseMicros } = input.trips;
    expect(rows).toHaveLength(closed.count + open.length);
    const place = TRADE_COLUMNS.indexOf('net_profit');
    const net = rows.reduce((sum, row) => sum + Number(row.split(',')[place]) * 1e6, 0);
    const gained = input.result.finalEquityMicros - input.spec.cashMicros;
    expect(Math.round(net) + looseMicros).toBeCloseTo(gained, -1);
  });

  it('writes prices to the nano, times to the microsecond, and quotes what needs it', () => {
    const [first] = linesOf(tradesCsv(input.trips, [usEquity('A,"B"'), usEquity('C')])).slice(1);
    expect(first).toMatch(/^1,("A,""B"""|C),long,closed,\d+,2020-01-\d\dT\d\d:\d\d:00\.000000Z,/);
    expect(first).toMatch(/,\d+\.\d{2,9},\d+\.\d{2,9},/);
  });
});

describe('equity.csv', () => {
  it('has a row a slice, exact to the micro', () => {
    const text = equityCsv({
      timelineUs: Float64Array.of(1_577_975_400_000_001),
      equityMicros: Float64Array.of(100_000_000_000.4),
      cashMicros: Float64Array.of(-1_500_001),
    });
    expect(text).toBe(
      `${EQUITY_COLUMNS.join(',')}\n2020-01-02T14:30:00.000001Z,100000.00,-1.500001,\n`,
    );
    expect(linesOf(equityCsv(input.result))).toHaveLength(input.result.timelineUs.length + 1);
  });
});

describe('metrics.csv', () => {
  it('has a row a combination, units in its names, and nothing for what has no value', () => {
    const row = {
      combination: 3,
      params: { fast: 5, word: 'a,b' },
      metrics: { ...input.summary.metrics, calmar: undefined, netProfit: cashMicros(-1_250_000) },
      digest: 'dd',
    };
    const [header = '', line = ''] = linesOf(metricsCsv(['fast', 'word'], [row]));
    expect(header.split(',')).toEqual(metricsHeader(['fast', 'word']));
    expect(header).toContain('total_return_fraction,net_profit,');
    expect(header).toContain('value_at_risk_95_fraction');
    expect(line).toMatch(/^3,5,"a,b",/);
    const cells = line.replace('"a,b"', 'ab').split(',');
    const at = (key: string) => cells[3 + METRICS.findIndex((one) => one.key === key)];
    expect(cells).toHaveLength(METRICS.length + 4);
    expect(at('netProfit')).toBe('-1.25');
    expect(at('calmar')).toBe('');
    expect(Number(at('sharpe'))).toBe(input.summary.metrics.sharpe);
    expect(metricsLine(['fast', 'word'], row)).toBe(`${line}\n`);
  });
});

describe('the notebook', () => {
  const title = 'A *strategy* <b>';
  const texts = [
    runNotebook({ title, symbols: ['AAA'] }),
    sweepNotebook({ title, symbols: ['AAA'] }, { axes: ['fast', 'slow'], metricColumn: 'sharpe' }),
    sweepNotebook({ title, symbols: ['AAA'] }, { axes: ['fast'], metricColumn: 'sharpe' }),
  ];

  it('is valid, without outputs, with relative paths', () => {
    for (const text of texts) {
      const book = JSON.parse(text) as {
        nbformat: number;
        nbformat_minor: number;
        cells: { id: string; cell_type: string; outputs?: unknown[]; source: string[] }[];
      };
      expect([book.nbformat, book.nbformat_minor]).toEqual([4, 5]);
      expect(new Set(book.cells.map(({ id }) => id)).size).toBe(book.cells.length);
      for (const { id, cell_type, outputs, source } of book.cells) {
        expect(id).toMatch(/^[\w-]{1,64}$/);
        expect(outputs).toEqual(cell_type === 'code' ? [] : undefined);
        expect(source.slice(0, -1).every((line) => line.endsWith('\n'))).toBe(true);
      }
      expect(text).not.toMatch(/"\/|file:/);
      expect(text).toContain('A \\\\*strategy\\\\* \\\\<b\\\\>');
    }
    expect(texts[0]).toContain('equity.parquet');
    expect(texts[1]).toContain('param.slow');
  });
});
