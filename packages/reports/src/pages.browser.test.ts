import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { METRICS } from '@capstan/analytics';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { renderPlot } from './render-plot.ts';
import { renderReport } from './render-report.ts';
import { renderSweep } from './render-sweep.ts';
import { reportOf } from './report-of.ts';
import { sweepOf } from './sweep-of.ts';
import { reportInputOf } from './test-report-world.ts';

const WAIT_MS = 60_000;
const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(
  (path) => existsSync(path),
);
if (CHROMIUM === undefined) {
  console.warn('The reports are not tested in a browser: apt-get install chromium');
}

const sharpePlace = METRICS.findIndex(({ key }) => key === 'sharpe');
const sweep = sweepOf({
  strategy: { name: 'x', title: 'X', description: 'Does.' },
  symbols: ['AAA'],
  timeframe: '1d',
  cashMicros: 1e11,
  currency: 'USD',
  axes: [
    { name: 'fast', values: [1, 2, 3] },
    { name: 'slow', values: [10, 20, 30] },
  ],
  fixed: {},
  rankBy: 'sharpe',
  rows: Array.from({ length: 9 }, (_, index) => ({
    index,
    metrics: new Float64Array(METRICS.length).fill(Number.NaN).with(sharpePlace, index / 10),
  })),
  count: 9,
  isComplete: true,
  fillsAtSameClose: false,
  provenance: { digest: 'd', dataFingerprint: 'f', engineVersion: '0' },
});

describe.skipIf(CHROMIUM === undefined)('in a browser', () => {
  let browser: Browser | undefined;
  let folder = '';
  const problems: string[] = [];
  const open = async (name: string, width = 1_200): Promise<Page> => {
    const page = await (browser as Browser).newPage({ viewport: { width, height: 900 } });
    page.on('pageerror', (error) => problems.push(String(error)));
    page.on('console', (message) => problems.push(message.text()));
    page.on('request', (request) => {
      if (!/^(file|data):/.test(request.url())) problems.push(request.url());
    });
    await page.goto(`file://${join(folder, name)}`);
    return page;
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'capstan-reports-'));
    const report = reportOf(reportInputOf({ symbols: ['AAA', '</script><b>'] }));
    await writeFile(join(folder, 'report.html'), renderReport(report));
    await writeFile(join(folder, 'plot.html'), renderPlot(report));
    await writeFile(join(folder, 'sweep.html'), renderSweep(sweep));
    browser = await chromium.launch({
      executablePath: CHROMIUM ?? '',
      args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
    });
  }, WAIT_MS);
  afterAll(async () => {
    await browser?.close();
    await rm(folder, { recursive: true, force: true });
  });

  it(
    'draws the charts, sorts and turns the trades, and shows one on the price',
    async () => {
      const page = await open('report.html');
      for (const id of ['curve', 'rolling', 'exposure', 'price-chart']) {
        expect(await page.locator(`#${id} canvas`).count(), id).toBeGreaterThan(0);
      }
      const first = () => page.locator('#trade-table tbody tr').first().innerText();
      const before = await first();
      await page.getByRole('button', { name: 'Next', exact: true }).click();
      expect(await first()).not.toBe(before);
      await page.getByRole('button', { name: 'Net profit' }).click();
      const cell = page.locator('th[aria-sort="descending"]');
      expect(await cell.innerText()).toContain('Net profit');
      expect(await first()).toContain('+');
      await page.locator('#trade-table button.link').first().click();
      expect(await page.locator('#price-hint').innerText()).toMatch(/trades in view/);
      await page.locator('.term').first().focus();
      expect(await page.locator('#tip').innerText()).toContain('final equity');
    },
    WAIT_MS,
  );

  it(
    'switches its colours, and fits a narrow screen',
    async () => {
      const page = await open('report.html', 420);
      const back = () => page.evaluate('getComputedStyle(document.body).backgroundColor');
      const light = await back();
      await page.locator('#theme').click();
      expect(await back()).not.toBe(light);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(420);
    },
    WAIT_MS,
  );

  it(
    'draws a plot and a sweep, and tells a cell by the keyboard',
    async () => {
      const plot = await open('plot.html');
      expect(await plot.locator('#curve canvas').count()).toBeGreaterThan(0);
      const page = await open('sweep.html');
      expect(await page.locator('#sweep-table tbody tr').count()).toBe(9);
      expect(await page.locator('#heat-legend').innerText()).toContain('fast 3, slow 30');
      await page.locator('#heat-canvas').press('ArrowRight');
      expect(await page.locator('#heat-legend').innerText()).toContain('fast 2, slow 10');
    },
    WAIT_MS,
  );

  it('meets no fault, says nothing to the console, and asks nothing of a network', () => {
    expect(problems).toEqual([]);
  });
});
