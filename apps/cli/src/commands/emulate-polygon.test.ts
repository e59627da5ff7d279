import { expect, it } from 'vitest';
import { runCli } from '../program.ts';

it('says what to put into the environment, serves by it, and goes by a clock of its own', async () => {
  const closed = new AbortController();
  let code: Promise<number> | undefined;
  const text = await new Promise<string>((resolve) => {
    const args = ['--port', '0', '--symbols', 'qqq', '--start', '2026-01-05T09:31', '--days', '5'];
    const output = { out: resolve, err: resolve, isTerminal: false, closed: closed.signal };
    code = runCli(['emulate', 'polygon', ...args, '--speed', '10000'], output);
  });
  expect(text).toMatch(/the market is open/);
  const [, key, url] = /POLYGON_API_KEY=(\S+)\s+POLYGON_BASE_URL=(\S+)/.exec(text) ?? [];
  const time = async (): Promise<number> => {
    const answer = await fetch(`${url}/v1/marketstatus/now?apiKey=${key}`);
    return Date.parse(((await answer.json()) as { serverTime: string }).serverTime);
  };
  const first = await time();
  expect(first).toBeGreaterThanOrEqual(Date.parse('2026-01-05T14:31:00Z'));
  for (let now = first; now === first; ) now = await time();
  const chain = await fetch(`${url}/v3/snapshot/options/QQQ?apiKey=${key}`);
  expect(await chain.json()).toMatchObject({ status: 'OK', results: expect.any(Array) });
  closed.abort();
  expect(await code).toBe(0);
  await expect(time()).rejects.toThrow();
});

it('says what days it takes', async () => {
  let said = '';
  const tell = (text: string) => {
    said += text;
  };
  const output = { out: () => undefined, err: tell };
  const args = ['emulate', 'polygon', '--days', '0'];
  expect(await runCli(args, { ...output, isTerminal: false })).toBe(2);
  expect(said).toContain('--days');
});
