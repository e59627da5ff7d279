import { encodeBar, subjects } from '@capstan/contracts';
import { AppError, timeUs } from '@capstan/domain';
import type { BarRecord, Bus } from '@capstan/ports';
import { drained, MemoryBus, MemoryLog, nullMeter, VirtualClock } from '@capstan/testkit';
import { afterEach, expect, test } from 'vitest';
import { bar, T } from '../gateway.fixture.ts';
import { LIMITS } from '../limits.ts';
import { LiveHub } from './live-hub.ts';
import type { Viewer } from './viewer.ts';

const endings: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0)) await end();
});

function open(wrap: (bus: MemoryBus) => Bus = (bus) => bus) {
  const clock = new VirtualClock(T);
  const flight = clock.fly();
  const bus = new MemoryBus(clock);
  const log = new MemoryLog();
  const bars: BarRecord[] = [];
  const hub = new LiveHub({ bus: wrap(bus), clock, log, meter: nullMeter }, (one) => {
    bars.push(one);
  });
  const ending = new AbortController();
  const running = hub.run(ending.signal);
  endings.push(async () => {
    ending.abort();
    await running;
    await flight.stop();
  });
  return { bus, log, bars, hub, ending, running };
}

const publish = (bus: Bus, endUs: number) =>
  bus.publish([
    {
      subject: subjects.bar('SYNTHETIC', 'SPY', '1m'),
      data: encodeBar({ ...bar, endUs: timeUs(endUs) }),
      headers: {},
      messageId: `bar-${endUs}`,
    },
  ]);

/** Reads a viewer until a text holds `wanted`; the clock stands at the limit long before it is given up. */
async function hear(viewer: Viewer, wanted: string): Promise<string> {
  let heard = '';
  for (let turn = 0; turn < 200 && !heard.includes(wanted); turn += 1) heard += await viewer.next();
  return heard;
}

test('greets a viewer and tells what happens from then on, not what was before', async () => {
  const clock = new VirtualClock(T);
  const bus = new MemoryBus(clock);
  await publish(bus, T);
  const { hub, bars } = open(() => bus);
  const viewer = hub.join({ runId: 'live' });
  expect(await viewer.next()).toBe('event: hello\ndata: {"runId":"live"}\n\n');
  await drained();
  await publish(bus, T + 60e6);
  const heard = await hear(viewer, 'event: bar');
  expect(heard).toContain(`"endUs":${T + 60e6}`);
  expect(heard).not.toContain(`"endUs":${T},`);
  expect(bars.map((one) => one.endUs)).toEqual([T + 60e6]);
});

test('speaks also where nothing happens', async () => {
  const viewer = open().hub.join({});
  expect(await hear(viewer, 'event: beat')).toContain(
    `{"nowUs":${T + LIMITS.heartbeatMs * 1_000}}`,
  );
});

test('opens a lost stream again and tells viewers to read anew', async () => {
  let failures = 2;
  const away = () => new AppError({ code: 'BUS.UNAVAILABLE', why: 'no connection.' });
  const { hub, bus, log } = open((memory) => ({
    publish: (messages) => memory.publish(messages),
    notify: (subject, data) => memory.notify(subject, data),
    listen: (subject) => memory.listen(subject),
    publishAfter: (message, last) => memory.publishAfter(message, last),
    newest: (stream, subject) => memory.newest(stream, subject),
    subscribe: (options) => memory.subscribe(options),
    streamState: (stream) => {
      if (stream !== 'MARKET' || failures === 0) return memory.streamState(stream);
      failures -= 1;
      return Promise.reject(away());
    },
  }));
  const viewer = hub.join({});
  expect(await hear(viewer, 'event: resync')).toContain('the stream MARKET was interrupted');
  await hear(viewer, 'event: beat');
  await publish(bus, T);
  expect(await hear(viewer, 'event: bar')).toContain('SPY');
  expect(log.lines.filter((line) => line.level === 'warn')).toHaveLength(2);
});

test('passes over a message that cannot be read', async () => {
  const { hub, bus, log } = open();
  const viewer = hub.join({});
  await drained();
  const bad = {
    subject: 'market.bar.X.SPY.1m',
    data: new Uint8Array([255, 255]),
    headers: {},
    messageId: 'bad',
  };
  await bus.publish([bad]);
  await publish(bus, T);
  expect(await hear(viewer, 'event: bar')).toContain('SPY');
  expect(log.lines).toMatchObject([{ level: 'warn', fields: { subject: bad.subject } }]);
});

test('lets a viewer go that does not keep up, and goes on for the others', async () => {
  const { hub, bus } = open();
  const slow = hub.join({});
  const quick = hub.join({});
  const wanted = LIMITS.viewerEventsMax + 8;
  for (let index = 0; index < wanted; index += 1) {
    await drained();
    await publish(bus, T + index * 60e6);
    await hear(quick, `"endUs":${T + index * 60e6}`);
  }
  expect(await slow.next()).toMatch(/^event: resync/);
  expect(await slow.next()).toBe('');
});

test('takes no more viewers than its limit, and takes one again when one has left', async () => {
  const { hub } = open();
  const viewers = Array.from({ length: LIMITS.viewersMax }, () => hub.join({}));
  expect(() => hub.join({})).toThrow(expect.objectContaining({ code: 'GATEWAY.VIEWERS' }));
  const [first] = viewers;
  if (first !== undefined) hub.leave(first);
  expect(await hub.join({}).next()).toContain('hello');
});

test('ends all viewers when it ends', async () => {
  const { hub, ending, running } = open();
  const viewer = hub.join({});
  await viewer.next();
  ending.abort();
  await running;
  expect(await viewer.next()).toBe('');
});
