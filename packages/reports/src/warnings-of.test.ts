import { describe, expect, it } from 'vitest';
import { renderReport } from './render-report.ts';
import type { ReportInput } from './report-input.ts';
import { reportOf } from './report-of.ts';
import { reportInputOf } from './test-report-world.ts';

const titles = (input: ReportInput) => reportOf(input).warnings.map(({ title }) => title);
const base = reportInputOf();

describe('a report warns', () => {
  it('in red and first, of fills at the close that decided', () => {
    const report = reportOf(reportInputOf({ execution: { fillAt: 'sameClose' } }));
    expect(report.warnings[0]).toMatchObject({
      level: 'danger',
      title: 'Filled at the close that decided',
    });
    expect(renderReport(report)).toContain('<li class="danger">');
    expect(titles(base)).not.toContain('Filled at the close that decided');
  });

  it('of cash below zero and of equity that was lost', () => {
    const cash = base.result.cashMicros.slice();
    cash[5] = -12_340_000;
    const borrowed = { ...base, result: { ...base.result, cashMicros: cash } };
    const found = reportOf(borrowed).warnings.find(({ title }) => title === 'Cash below zero');
    expect(found?.text).toContain('−12.34');
    expect(found?.text).toContain('2020-01-02 17:30 UTC');
    const equity = base.result.equityMicros.slice();
    equity[9] = 0;
    const lost = { ...base, result: { ...base.result, equityMicros: equity } };
    expect(titles(lost)).toContain('Equity was lost');
    expect(titles(base)).not.toContain('Cash below zero');
  });

  it('of few trades, a short period and no costs', () => {
    const poor = reportInputOf({ sessions: 3, slow: 30 });
    const free = {
      ...poor,
      spec: {
        ...poor.spec,
        matcher: {
          ...poor.spec.matcher,
          commission: { kind: 'none' },
          slippage: { kind: 'none' },
        },
      },
    } as ReportInput;
    expect(titles(free)).toEqual(expect.arrayContaining(['Short period', 'No costs']));
    expect(titles(free).some((title) => /few trades|no closed trade/i.test(title))).toBe(true);
  });

  it('of a benchmark that does not cover the period', () => {
    const { summary } = base;
    const benchmarkReturns = summary.benchmarkReturns?.slice() ?? new Float64Array();
    benchmarkReturns[4] = Number.NaN;
    expect(titles(base)).not.toContain('The benchmark does not cover the period');
    expect(titles({ ...base, summary: { ...summary, benchmarkReturns } })).toContain(
      'The benchmark does not cover the period',
    );
  });

  it('of sessions without bars, naming them', () => {
    const [first, ...rest] = base.symbols;
    if (first === undefined) throw new Error('a symbol');
    const { bars } = first.series;
    const keep = (column: Float64Array) =>
      column.filter((_, row) => !(row >= 13 && row < 26)) as Float64Array;
    const holed = Object.fromEntries(
      Object.entries(bars).map(([name, column]) => [name, keep(column)]),
    ) as unknown as typeof bars;
    const input = {
      ...base,
      symbols: [{ ...first, series: { ...first.series, bars: holed } }, ...rest],
    };
    const found = reportOf(input).warnings.find(({ title }) => title === 'Sessions without bars');
    expect(found?.text).toBe('AAA lacks 1 session: 2020-01-03.');
  });

  it('of open positions, halts, refusals and what was said of the data', () => {
    const input: ReportInput = {
      ...base,
      notes: Array.from({ length: 14 }, (_, row) => ({ symbol: 'AAA', text: `note ${row}` })),
      result: {
        ...base.result,
        denials: [{ slice: 1, row: 1, symbolIndex: 0, policy: 'buying-power', reason: 'no cash' }],
        halts: [{ slice: 2, startEquityMicros: 1e9, equityMicros: 9e8, limitMicros: 5e7 }],
      },
    };
    const report = reportOf(input);
    const all = report.warnings.map(({ title, text }) => `${title}: ${text}`).join('\n');
    expect(all).toContain('Halted by the loss of a session');
    expect(all).toContain('1 order refused by risk limits: buying-power 1.');
    expect(all).toContain('Data: And 2 more of the kind.');
    if (base.trips.open.length > 0) expect(all).toContain('open position');
  });
});
