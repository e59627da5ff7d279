import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import type { Answer, GatewayClient } from '../gateway-client.ts';
import { showRemoteStatus } from './remote-status.ts';

const BOT = { botId: 'trend', accountId: 'paper', state: 'running' };

async function shown(services: readonly Answer[], json = false) {
  const lines: string[] = [];
  let code = 0;
  const answers: Readonly<Record<string, Answer>> = {
    '/api/services': { services },
    '/api/bots': { bots: [BOT] },
  };
  const gateway = { get: async (path: string) => answers[path] ?? {} };
  const out = (text: string) => void lines.push(text);
  const output = { out, err: out, isTerminal: false };
  const exit = (given: number): void => {
    code = given;
  };
  const context = { output, exit };
  await showRemoteStatus(gateway as unknown as GatewayClient, { json }, context);
  return { text: stripVTControlCharacters(lines.join('\n')), code };
}

test('shows services and bots, and ends well when every service is ready', async () => {
  const { text, code } = await shown([{ name: 'risk', state: 'ready' }]);
  expect(text).toMatch(/risk +ready +ok/);
  expect(text).toMatch(/trend +running/);
  expect(code).toBe(0);
});

test('names what is not ready, and ends with 1', async () => {
  const away = { name: 'signal', state: 'down', message: 'does not answer' };
  const { text, code } = await shown([{ name: 'risk', state: 'ready' }, away]);
  expect(text).toMatch(/signal +down +does not answer/);
  expect(text).toContain('! not ready: signal');
  expect(code).toBe(1);
  const json = await shown([away], true);
  expect(JSON.parse(json.text)).toMatchObject({ services: [away], bots: [{ botId: 'trend' }] });
  expect(json.code).toBe(1);
});
