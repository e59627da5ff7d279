import { createHash } from 'node:crypto';
import { METRICS } from '@capstan/analytics';
import { EXECUTION_ASSUMPTIONS } from '@capstan/engine';
import { describe, expect, it } from 'vitest';
import { money, percent } from './format.ts';
import { LISTED_TRADES_MAX, REPORT_BYTES_MAX } from './limits.ts';
import { renderPlot } from './render-plot.ts';
import { renderReport } from './render-report.ts';
import { reportOf } from './report-of.ts';
import { largeInput, reportInputOf, shownOf, type TestWorld } from './test-report-world.ts';

const pageOf = (world?: TestWorld) => renderReport(reportOf(reportInputOf(world)));
const bytesOf = (page: string) => Buffer.byteLength(page);

describe('a report', () => {
  it('has the figures of the run, every metric, and every assumption', () => {
    const input = reportInputOf();
    const page = renderReport(reportOf(input));
    const { totalReturn, maxDrawdown, finalEquity } = input.summary.metrics;
    expect(input.trips.closed.count).toBeGreaterThan(30);
    for (const text of [percent(totalReturn), percent(maxDrawdown), money(finalEquity)]) {
      expect(page).toContain(text);
    }
    for (const { title } of METRICS) expect(page).toContain(`>${title}<`);
    for (const { topic } of EXECUTION_ASSUMPTIONS) expect(page).toContain(`<dt>${topic}</dt>`);
    expect(page).toContain('Moving-average cross');
    expect(page).toContain('2020-01-02 to ');
    expect(shownOf(page)).not.toMatch(/NaN|undefined|\[object/);
  });

  it('is the same byte for byte for the same run', () => {
    expect(pageOf()).toBe(pageOf());
    const report = reportOf(reportInputOf());
    expect(renderPlot(report)).toBe(renderPlot(report));
  });

  it('escapes what comes from the data, in markup and in script', () => {
    const symbol = '</script><script>alert(1)</script>&"\'';
    const input = reportInputOf({ symbols: [symbol], execution: { fillAt: 'sameClose' } });
    const notes = [{ symbol, text: '<img src=x onerror=alert(2)>' }];
    for (const render of [renderReport, renderPlot]) {
      const page = render(reportOf({ ...input, notes }));
      expect(page).not.toContain('<script>alert');
      expect(page).not.toContain('<img');
      expect(page).toContain(
        '&lt;/script&gt;&lt;script&gt;alert(1)&lt;/script&gt;&amp;&quot;&#39;',
      );
      expect(page).toContain('\\u003cscript\\u003ealert(1)');
      expect(page.match(/<script/g)).toHaveLength(3);
      expect(page.match(/<\/script>/g)).toHaveLength(3);
    }
  });

  it('lets nothing run but its own scripts, and loads nothing', () => {
    const page = pageOf();
    const policy = /Content-Security-Policy" content="([^"]+)"/.exec(page)?.[1] ?? '';
    expect(policy).toMatch(/^default-src &#39;none&#39;/);
    const scripts = [...page.matchAll(/<script>([\s\S]*?)<\/script>/g)].map(
      ([, text = '']) => text,
    );
    const styles = [...page.matchAll(/<style>([\s\S]*?)<\/style>/g)].map(([, text = '']) => text);
    expect(scripts).toHaveLength(2);
    for (const text of [...scripts, ...styles]) {
      const hash = createHash('sha256').update(text).digest('base64');
      expect(policy).toContain(`sha256-${hash}`);
    }
    expect(shownOf(page)).not.toMatch(/\s(style|on[a-z]+)="/);
    expect(shownOf(page)).not.toMatch(/(src|href)="https?:/);
    expect(page).toContain('TradingView Lightweight Charts');
    expect(page).toContain('Apache License');
  });

  it('stays below its limit for a million bars and ten thousands of trades', () => {
    const input = largeInput(2_600, 44);
    expect(input.result.timelineUs.length).toBeGreaterThan(1_000_000);
    const report = reportOf(input);
    expect(report.charts.trades.total).toBeGreaterThan(22_000);
    expect(report.charts.trades.side.count).toBe(report.charts.trades.total);
    expect(report.charts.trades.total).toBeLessThanOrEqual(LISTED_TRADES_MAX);
    expect(report.curveShown.points).toBeLessThan(13_000);
    expect(bytesOf(renderReport(report))).toBeLessThan(REPORT_BYTES_MAX);
    expect(bytesOf(renderPlot(report))).toBeLessThan(REPORT_BYTES_MAX);
  });

  it('lists the last trades where there are more than a page takes', () => {
    const report = reportOf(largeInput(300, 2));
    expect(report.charts.trades.total).toBeGreaterThan(LISTED_TRADES_MAX);
    expect(report.charts.trades.side.count).toBe(LISTED_TRADES_MAX);
    expect(renderReport(report)).toContain('trades.csv has all');
  });
});

describe('what has no value', () => {
  it('is a dash with the reason, for a run without trades or benchmark', () => {
    const report = reportOf(
      reportInputOf({ sessions: 1, minutes: 30, slow: 200, hasBenchmark: false }),
    );
    const why = (key: string) =>
      report.metrics.find(({ definition }) => definition.key === key)?.why;
    expect(why('profitFactor')).toBe('No trade was closed.');
    expect(why('beta')).toBe('The run has no benchmark.');
    expect(why('sharpe')).toBe('There are too few session returns.');
    expect(why('trades')).toBeUndefined();
    const page = renderReport(report);
    expect(page).toContain('no value: No trade was closed.');
    expect(page).toContain('Nothing was traded.');
    expect(shownOf(page)).not.toMatch(/NaN/);
  });

  it('never lacks a reason', () => {
    for (const world of [{}, { sessions: 1 }, { hasBenchmark: false, slow: 200 }]) {
      for (const { value, why } of reportOf(reportInputOf(world)).metrics) {
        expect(why === undefined).toBe(value !== undefined);
      }
    }
  });
});
