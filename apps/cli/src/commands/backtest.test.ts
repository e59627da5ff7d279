import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runQuickCli } from '../quick-program.ts';

const CONFIGS = join(import.meta.dirname, '../../../../configs');

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'capstan-cli-backtest-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function capstan(...args: readonly string[]) {
  const out: string[] = [];
  const err: string[] = [];
  const code = await runQuickCli(args, {
    out: (text) => out.push(text),
    err: (text) => err.push(text),
    isTerminal: false,
  });
  return { code, out: out.join('\n'), err: err.join('\n') };
}

const backtest = (config: string, ...more: readonly string[]) =>
  capstan('backtest', '-c', join(CONFIGS, `${config}.yaml`), '-o', folder, ...more);

const pathOf = (text: string) => text.split('\n').at(-1) ?? '';

describe('capstan backtest', () => {
  it('shows what a run came to, then where it lies', async () => {
    const { code, out } = await backtest('daily-with-actions');
    expect(code).toBe(0);
    expect(out).toMatch(/momentum on ACME 1d, 2023-02-01 to 2023-12-29, 230 bars/);
    expect(out).toMatch(/Total return +-?[\d.]+ %/);
    expect(await readdir(pathOf(out))).toContain('report.html');
  });

  it('warns in words of fills that no one can trade', async () => {
    const { out } = await backtest('single', '--set', 'execution.fillAt=sameClose');
    expect(out).toMatch(/Orders fill at the close that decided them/);
  });

  it('makes a sweep of lists and ranges, and ranks it', async () => {
    const { code, out } = await backtest(
      'single',
      '-p',
      'fast=3:9:3',
      '-p',
      'slow=8,20',
      '-t',
      '1',
    );
    expect(code).toBe(0);
    expect(out).toMatch(/ma-cross \(6 combinations\)/);
    expect(out).toMatch(/5 combinations run, 1 left out/);
    const repro = await capstan('repro', pathOf(out), '-t', '1');
    expect(repro).toMatchObject({ code: 0, out: expect.stringContaining('The same: digest') });
  });

  it('gives programs one JSON object', async () => {
    const { out } = await backtest('portfolio', '--json');
    expect(JSON.parse(out)).toMatchObject({
      strategy: 'donchian-breakout',
      symbols: ['ACME', 'BOLT', 'COGS'],
      metrics: { trades: expect.any(Number) },
    });
  });

  it('says the size of a huge sweep, and does not start it without a yes', async () => {
    const axes = ['-p', 'fast=1:1000', '-p', 'slow=1001:2000', '-p', 'entry=level,cross'];
    const { code, err } = await backtest('sweep', ...axes);
    expect(code).toBe(2);
    expect(err).toMatch(
      /2,000,000 combinations \(1,000 of fast × 1,000 of slow × 2 of entry\) take about/,
    );
    expect(err).toMatch(/Say --yes/);
  });

  it('says what is wrong with a call, with exit code 2', async () => {
    const { code, err } = await backtest('single', '-p', 'fats=3');
    expect(code).toBe(2);
    expect(err).toMatch(/--param fats=3: .*no parameter 'fats'.*Did you mean 'fast'/);
  });
});

describe('capstan compare and plan', () => {
  it('put two runs side by side', async () => {
    const a = pathOf((await backtest('daily-with-actions')).out);
    const b = pathOf((await backtest('daily-with-actions', '--set', 'commission.feeBps=5')).out);
    const { code, out } = await capstan('compare', a, b);
    expect(code).toBe(1);
    expect(out).toMatch(/commission\.feeBps: 1 in A, 5 in B/);
    expect(out).toMatch(/The first fills that differ:\n {2}fill 0: .*fee_micros/);
    expect((await capstan('compare', a, a)).code).toBe(0);
  });

  it('say what would run', async () => {
    const { code, out } = await capstan('plan', '-c', join(CONFIGS, 'sweep.yaml'));
    expect(code).toBe(0);
    expect(out).toMatch(/combinations +50: 10 of fast × 5 of slow/);
    expect(out).toMatch(/path +(full|kernel): /);
    expect(out).toMatch(/fingerprint [0-9a-f]{64}/);
    expect(out).toMatch(
      /\nsizing +95% of equity\nmarket orders fill +at the open of the next bar\n/,
    );
    expect(out).toMatch(/\ncommission +1 bps of notional\n.*\nrisk limits +buying power\n/s);
  });
});
