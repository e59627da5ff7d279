import { describe, expect, it } from 'vitest';
import { runCli } from '../program.ts';

async function run(...args: readonly string[]) {
  const out: string[] = [];
  const err: string[] = [];
  const code = await runCli(args, {
    out: (text) => {
      out.push(text);
    },
    err: (text) => {
      err.push(text);
    },
    isTerminal: false,
  });
  return { code, out: out.join('\n'), err: err.join('\n') };
}

describe('capstan strategies', () => {
  it('lists them with their parameters', async () => {
    const { code, out } = await run('strategies');
    expect(code).toBe(0);
    expect(out).toMatch(/vwap-atr {2,}VWAP-ATR bands {2,}band_mult, atr_len, mode, sides/);
  });

  it('says all about one', async () => {
    const { out } = await run('strategies', 'ma-cross');
    expect(out).toContain('Needs 30 bars of one minute before it decides');
    expect(out).toContain('Watches sma(period=10,close)@1m, sma(period=30,close)@1m.');
    expect(out).toMatch(/fast +10 +a whole number from 1 to 5000/);
  });

  it('names the nearest of one that it does not know', async () => {
    const { code, err } = await run('strategies', 'momentun');
    expect(code).toBe(2);
    expect(err).toContain("Did you mean 'momentum'?");
  });

  it('describes a file that is no strategy', async () => {
    const { code, err } = await run('strategies', './nothing-here.ts');
    expect(code).toBe(2);
    expect(err).toContain('there is no such file');
  });

  it('writes JSON', async () => {
    const { out } = await run('strategies', 'rsi-reversion', '--json');
    expect(JSON.parse(out)).toMatchObject([{ name: 'rsi-reversion', warmupBars: 15 }]);
  });
});

describe('capstan indicators', () => {
  it('lists them with their parameters', async () => {
    const { code, out } = await run('indicators');
    expect(code).toBe(0);
    expect(out).toMatch(/bollinger-upper {2,}numbers {2,}period, multiple {2,}/);
  });
});
