import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import type { StackStatus } from '../supervisor/stack-status.ts';
import { plainConsole } from './stack-console.ts';
import { renderBotList, renderStack } from './stack-view.ts';

const status: StackStatus = {
  phase: 'running',
  environment: 'dev',
  runId: 'demo',
  dashboardUrl: 'http://127.0.0.1:8080',
  processes: [
    { name: 'gateway', state: 'ready', pid: 11, uptimeMs: 65_000, restarts: 2, problem: '' },
    {
      name: 'risk',
      state: 'waiting',
      pid: undefined,
      uptimeMs: undefined,
      restarts: 0,
      problem: 'starts again in 250 ms',
    },
  ],
  bots: [
    {
      botId: 'trend',
      accountId: 'paper',
      strategy: 'ma-cross',
      state: 'crashed',
      schedule: 'mon-fri 09:35-15:55',
      sizing: '10% of equity',
      lastSliceEndUs: 1_767_623_400_000_000,
      position: '',
      profitMicros: -1_500_000,
      error: 'division by zero',
    },
  ],
};

test('shows every service and bot, and the address of the dashboard', () => {
  const lines = stripVTControlCharacters(renderStack(status)).split('\n');
  expect(lines[0]).toBe('Capstan dev · run demo · not healthy');
  expect(lines).toContainEqual(expect.stringMatching(/^gateway +ready +11 +1m05s +2 +ok$/));
  expect(lines).toContainEqual(expect.stringMatching(/^risk +waiting +0 +starts again in 250 ms$/));
  expect(lines).toContainEqual(
    expect.stringMatching(
      /^trend +crashed +mon-fri 09:35-15:55 +2026-01-05 14:30:00 +division by zero +-1\.50$/,
    ),
  );
  expect(lines.at(-1)).toBe('Dashboard  http://127.0.0.1:8080');
});

test('lists bots with how much they trade', () => {
  const [head, line] = stripVTControlCharacters(renderBotList(status.bots ?? [])).split('\n');
  expect(head).toMatch(/^bot +state +schedule +sizing /);
  expect(line).toMatch(/^trend +crashed +mon-fri 09:35-15:55 +10% of equity +2026-01-05/);
  expect(renderBotList([])).toBe('no bots');
});

test('without a terminal there is one line for each change, none for what stays', () => {
  let said = '';
  const console = plainConsole((text) => {
    said += stripVTControlCharacters(text);
  });
  console.show(() => status);
  console.show(() => status);
  console.say('warn', 'risk', 'slow');
  console.show(() => ({
    ...status,
    bots: status.bots?.map((bot) => ({ ...bot, state: 'running' })),
  }));
  const lines = said.trimEnd().split('\n');
  expect(lines).toHaveLength(4);
  expect(lines[0]).toBe('Dashboard  http://127.0.0.1:8080');
  expect(lines[1]).toMatch(/ERROR bot trend: crashed: division by zero$/);
  expect(lines[2]).toMatch(/WARN risk: slow$/);
  expect(lines[3]).toMatch(/bot trend: running/);
});
