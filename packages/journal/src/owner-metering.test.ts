import { AppError, timeUs } from '@capstan/domain';
import type { BusMessage, Meter } from '@capstan/ports';
import { beforeEach, expect, it } from 'vitest';
import { OwnerMetering } from './owner-metering.ts';
import { METRICS } from './telemetry.ts';

const SECOND_US = 1_000_000;

let nowMs: number;
let seen: string[];
let metering: OwnerMetering;

beforeEach(() => {
  nowMs = 0;
  seen = [];
  const note: Meter['observe'] = (name, value, labels = {}, trace = {}) =>
    void seen.push([name, value, ...Object.values(labels), ...Object.values(trace)].join(' '));
  const meter: Meter = { count: note as Meter['count'], gauge: note, observe: note };
  const clock = {
    nowUs: () => timeUs(0),
    monotonicMs: () => nowMs,
    sleep: () => Promise.resolve(),
  };
  const wall = { nowUs: () => timeUs(1_000 * SECOND_US + nowMs * 1_000) };
  metering = new OwnerMetering({ meter, clock, wall }, 'risk/paper');
});

const message = (storedSeconds: number, sequence = 1): BusMessage => ({
  stream: 'TRADING',
  sequence,
  subject: 'trading.signal.a',
  data: new Uint8Array(),
  headers: { traceparent: `t${storedSeconds}` },
  storedAtUs: timeUs(storedSeconds * SECOND_US),
});
const after = (ms: number) => async () => {
  nowMs += ms;
};

it('measures a hop from the oldest message that a commit deals with to all it says on the bus', async () => {
  metering.came([message(990), message(995)]);
  expect(seen).toEqual([`${METRICS.messages} 2 risk`, `${METRICS.inputLagSeconds} 10 risk t990`]);
  metering.takes(message(990));
  metering.takes(message(995));
  expect(metering.inHandSeconds).toBe(5);
  seen = [];
  await metering.commit({ traceparent: 'mine' }, 7, after(500));
  nowMs += 1_500;
  metering.published(6);
  expect(seen).toEqual([`${METRICS.commitSeconds} 0.5 risk mine`]);
  metering.published(8);
  expect(seen.slice(1)).toEqual([
    `${METRICS.publishSeconds} 1.5 risk mine`,
    `${METRICS.hopSeconds} 12 risk mine`,
  ]);
  metering.published(8);
  expect(seen).toHaveLength(3);
});

it('makes no hop of what the journal gave, nor of a commit that says nothing or that no message led to', async () => {
  metering.came([message(1, 0)]);
  metering.takes(message(1, 0));
  expect(metering.inHandSeconds).toBeUndefined();
  await metering.commit({}, 1, after(1));
  metering.takes(message(999));
  await metering.commit({}, undefined, after(1));
  await metering.commit({}, 2, after(1));
  metering.published(2);
  expect(seen.filter((one) => one.startsWith(METRICS.hopSeconds))).toEqual([]);
  expect(seen.filter((one) => one.startsWith(METRICS.publishSeconds))).toHaveLength(2);
});

it('says nothing of a commit that was not made', async () => {
  const failed = metering.commit({}, 1, () => Promise.reject(new Error('fenced')));
  await expect(failed).rejects.toThrow('fenced');
  metering.published(1);
  expect(seen).toEqual([]);
});

it('measures steps by kind and outcome, and forgets what was in hand before them', async () => {
  metering.takes(message(990));
  await metering.step('items', async () => {
    expect(metering.inHandSeconds).toBeUndefined();
    nowMs += 250;
  });
  const away = new AppError({ code: 'STORE.UNAVAILABLE', why: 'away' });
  await expect(metering.step('commands', () => Promise.reject(away))).rejects.toBe(away);
  await expect(metering.step('messages', () => Promise.reject(new Error('x')))).rejects.toThrow();
  expect(seen).toEqual([
    `${METRICS.stepSeconds} 0.25 risk items ok`,
    `${METRICS.stepSeconds} 0 risk commands STORE.UNAVAILABLE`,
    `${METRICS.stepSeconds} 0 risk messages bug`,
  ]);
});
