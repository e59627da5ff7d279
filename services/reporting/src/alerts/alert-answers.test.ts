import { timeUs } from '@capstan/domain';
import { MemoryKv, VirtualClock } from '@capstan/testkit';
import { expect, test } from 'vitest';
import { AlertAnswers } from './alert-answers.ts';
import { ALERTS_BUCKET, writeStatus } from './alert-status.ts';
import type { ChannelSender } from './channel-sender.ts';

const clock = new VirtualClock(timeUs(1_767_571_200_000_000));
const sent: string[] = [];
const channel = (name: string, why?: string): ChannelSender => ({
  channel: name,
  send: async (alerts) => {
    sent.push(...alerts.map(({ kind, title }) => `${name} ${kind}: ${title}`));
    return why === undefined ? undefined : { why, of: 'channel' };
  },
});

test('a test goes to the channel that is named, or to all, and says what came of it', async () => {
  const senders = [channel('ops'), channel('phone', 'it answers HTTP 404')];
  const answers = new AlertAnswers({ kv: new MemoryKv(clock), clock }, senders);
  expect((await answers.test('')).results).toEqual([
    { channel: 'ops', problem: '' },
    { channel: 'phone', problem: 'it answers HTTP 404' },
  ]);
  expect((await answers.test('phone')).results).toHaveLength(1);
  expect(sent).toEqual([
    'ops test: a test of this channel',
    'phone test: a test of this channel',
    'phone test: a test of this channel',
  ]);
  await expect(answers.test('opps')).rejects.toMatchObject({
    code: 'REPORTING.CHANNEL',
    message: "there is no alert channel 'opps'. Known: ops, phone.",
  });
  const none = new AlertAnswers({ kv: new MemoryKv(clock), clock }, []);
  await expect(none.test('')).rejects.toThrow(/Add one under `alerts.channels`/);
});

test('what was told is answered as the owner wrote it down', async () => {
  const kv = new MemoryKv(clock);
  const answers = new AlertAnswers({ kv, clock }, []);
  expect(await answers.list()).toEqual({ alerts: [], channels: [] });
  const told = {
    sequence: 3,
    kind: 'kill',
    level: 'critical',
    title: 'killed',
    text: 'News.',
    count: 2,
    sentTo: ['ops'],
  } as const;
  const state = { channel: 'ops', pending: 1, failures: 2, problem: 'HTTP 500', dropped: 0 };
  await writeStatus(kv, {
    recent: [{ ...told, key: 'kill/paper', atUs: clock.nowUs() }],
    channels: [{ ...state, sentAtUs: timeUs(5) }],
  });
  expect(await kv.keys(ALERTS_BUCKET)).toEqual(['status']);
  expect(await answers.list()).toEqual({
    alerts: [{ ...told, sequence: 3n, atUs: BigInt(clock.nowUs()) }],
    channels: [{ ...state, sentAtUs: 5n }],
  });
});
