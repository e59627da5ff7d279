import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { waitUntil } from '@capstan/embedded';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { showLogs } from './logs.ts';

let dataDir: string;
let said: string[];
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'capstan-logs-'));
  mkdirSync(join(dataDir, 'logs'));
  said = [];
});
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

const output = {
  out: (text: string) => void said.push(text),
  err: () => undefined,
  isTerminal: false,
};
const path = (name: string): string => join(dataDir, 'logs', `${name}.log`);

test('shows the last lines of all services in the order of time', async () => {
  writeFileSync(path('risk'), '14:30:00.000 INFO  risk: a\n14:30:02.000 INFO  risk: c\n');
  writeFileSync(path('signal'), '14:29:00.000 INFO  signal: old\n14:30:01.000 INFO  signal: b\n');
  writeFileSync(path('nats'), '[1] other form\n');
  await showLogs({ dataDir, service: undefined, follow: false, lines: 2 }, output);
  expect(said.map((line) => line.at(-1))).toEqual(['d', 'a', 'b', 'c']);
  said = [];
  await showLogs({ dataDir, service: 'signal', follow: false, lines: 1 }, output);
  expect(said).toEqual(['14:30:01.000 INFO  signal: b']);
});

test('refuses a log that is not there, with the nearest', async () => {
  writeFileSync(path('execution'), '');
  const query = { dataDir, service: 'excution', follow: false, lines: 1 };
  await expect(showLogs(query, output)).rejects.toThrow(/Did you mean 'execution'/);
});

test('follows what is appended, also after the file was put aside', async () => {
  writeFileSync(path('risk'), 'one and more of it\n');
  const stop = new AbortController();
  const query = { dataDir, service: 'risk', follow: true, lines: 5 };
  const following = showLogs(query, output, stop.signal);
  const says = (line: string) => waitUntil(() => said.includes(line), 5_000);
  expect(await says('one and more of it')).toBe(true);
  appendFileSync(path('risk'), 'two\nhal');
  expect(await says('two')).toBe(true);
  appendFileSync(path('risk'), 'f\n');
  expect(await says('half')).toBe(true);
  writeFileSync(path('risk'), 'anew\n');
  expect(await says('anew')).toBe(true);
  stop.abort();
  await following;
});
