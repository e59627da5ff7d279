import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli } from '../program.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'capstan-lookahead-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function run(...args: readonly string[]) {
  const lines: string[] = [];
  const errors: string[] = [];
  const output = {
    out: (line: string) => lines.push(line),
    err: (line: string) => errors.push(line),
    isTerminal: false,
  };
  const code = await runCli(['lookahead', ...args], output);
  return { code, text: lines.join('\n'), error: errors.join('\n') };
}

/** Writes a definition without imports, which are not to be found from a temporary folder. */
async function strategyFile(name: string, decideColumns: string): Promise<string> {
  const path = join(folder, `${name}.ts`);
  await writeFile(
    path,
    `export default {
  name: '${name}',
  title: 'Test',
  description: 'Test.',
  params: {},
  indicators: () => ({}),
  initialState: null,
  decide: () => undefined,
  decideColumns: (_columns, { bars }) => ({
    direction: Int8Array.from(bars.closeNanos, (close, row) => ${decideColumns}),
    reasonAt: () => 'test',
  }),
};
`,
  );
  return path;
}

describe('capstan lookahead', () => {
  it('clears a strategy that knows only the past', async () => {
    const { code, text } = await run('vwap-ma9-cross', '--cuts', '3');
    expect(code).toBe(0);
    expect(text).toContain('No decision rests on the future.');
    expect(text).toContain('3 cuts');
  });

  it("catches a user's file that reads the next bar, and shows the decision that moved", async () => {
    const path = await strategyFile('peeks', '(bars.closeNanos[row + 1] ?? 0) > close ? 1 : 0');
    const { code, text } = await run(path, '--cuts', '3');
    expect(code).toBe(1);
    expect(text).toContain('MOVES');
    expect(text).toMatch(/with all bars: (long|flat|nothing new)/);
    expect(text).toContain('its backtests are worth nothing');
  });

  it('writes what it found as JSON', async () => {
    const { code, text } = await run('ma-cross', '--param', 'fast=3', '--cuts', '2', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(text)).toMatchObject({ strategy: 'ma-cross', cuts: 2, leaks: [] });
  });

  it('proves nothing by a strategy that decides nothing', async () => {
    const { code, error } = await run(await strategyFile('idle', '2'), '--cuts', '2');
    expect(code).toBe(1);
    expect(error).toContain('decided nothing in');
  });

  it('names the nearest strategy of one that it does not know', async () => {
    const { code, error } = await run('ma-cros');
    expect(code).toBe(2);
    expect(error).toContain("Did you mean 'ma-cross'?");
  });
});
