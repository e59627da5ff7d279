import { expect, test } from 'vitest';
import {
  type BotStatus,
  type ProcessStatus,
  problemsOf,
  type StackStatus,
} from './stack-status.ts';

const service: ProcessStatus = {
  name: 'risk',
  state: 'ready',
  pid: 1,
  uptimeMs: 1,
  restarts: 0,
  problem: '',
};
const bot: BotStatus = {
  botId: 'trend',
  accountId: 'paper',
  strategy: 'ma-cross',
  state: 'running',
  schedule: 'always',
  sizing: '10% of equity',
  lastSliceEndUs: 0,
  position: '',
  profitMicros: 0,
  error: undefined,
};
const stack: StackStatus = {
  phase: 'running',
  environment: 'dev',
  runId: 'demo',
  dashboardUrl: '',
  processes: [service],
  bots: [bot],
};

test('finds nothing wrong with ready services and bots that a person paused or stopped', () => {
  const bots = ['running', 'starting', 'paused', 'stopped'].map((state) => ({ ...bot, state }));
  expect(problemsOf({ ...stack, bots })).toEqual([]);
});

test('names services that are not ready and bots that crashed, and why', () => {
  const processes = [
    service,
    { ...service, name: 'signal', state: 'unready' as const, problem: 'nats: gone' },
  ];
  const bots = [{ ...bot, state: 'crashed', error: 'division by zero' }];
  expect(problemsOf({ ...stack, processes, bots })).toEqual([
    'signal is unready: nats: gone',
    'bot trend is crashed: division by zero',
  ]);
});

test('is not well before the bots are known, nor while it stops', () => {
  expect(problemsOf({ ...stack, bots: undefined })).toEqual(['the bots are not known yet']);
  expect(problemsOf({ ...stack, phase: 'stopping' })).toEqual(['the stack is stopping']);
});
