import { InvariantError } from '@capstan/domain';
import type { Meter } from '@capstan/ports';
import { nullMeter } from '@capstan/testkit';
import { beforeEach, expect, it } from 'vitest';
import { JournalWorld, refused } from './journal.test-support.ts';
import type { OwnerLogic } from './owner.ts';
import { OwnerHost } from './owner-host.ts';

let world: JournalWorld;
let host: OwnerHost;
beforeEach(() => {
  world = new JournalWorld();
  host = new OwnerHost(world, 'life-1');
});

const logic = (load: () => Promise<void> = () => Promise.resolve()): OwnerLogic => ({
  inputs: [],
  load,
  onMessage: () => Promise.resolve(),
});
const stopped = async (): Promise<void> => {
  let done = false;
  void host.stop().then(() => {
    done = true;
  });
  await world.until(() => done);
};

it('runs each key once, and says which it owns', async () => {
  let made = 0;
  for (const key of ['risk/b', 'risk/a', 'risk/b']) {
    host.add(key, () => {
      made += 1;
      return logic();
    });
  }
  await world.until(() => host.owned().length === 2);
  expect([made, host.owned()]).toEqual([2, ['risk/a', 'risk/b']]);
  await stopped();
  expect(host.owned()).toEqual([]);
  expect(host.statuses().map(({ key, status }) => `${key} ${status.kind}`)).toEqual([
    'risk/a stopped',
    'risk/b stopped',
  ]);
});

it('takes a key that another owns for well, and a halted one for a problem', async () => {
  await world.kv.create('leases', 'risk/a', new TextEncoder().encode('{"holder":"x","beat":1}'));
  host.add('risk/a', () => logic());
  host.add('risk/b', () => logic(() => Promise.reject(refused())));
  await world.until(() => host.statuses()[1]?.status.kind === 'halted');
  expect(host.problems()).toEqual([{ key: 'risk/b', why: 'refused.' }]);
  expect(host.statuses()[0]?.status.kind).toBe('waiting');
  await stopped();
});

it('takes a key for well only when it is rebuilt', async () => {
  const rebuilt = Promise.withResolvers<void>();
  host.add('risk/a', () => logic(() => rebuilt.promise));
  await world.until(() => host.problems().length > 0);
  expect(host.problems()).toEqual([{ key: 'risk/a', why: 'is being rebuilt from the journal' }]);
  rebuilt.resolve();
  await world.until(() => host.owned().length === 1);
  expect(host.problems()).toEqual([]);
  await stopped();
});

it('fails with the first bug of any key', async () => {
  host.add('risk/a', () => logic(() => Promise.reject(new InvariantError('first'))));
  let bug: unknown;
  host.failed.catch((error: unknown) => {
    bug = error;
  });
  await world.until(() => bug !== undefined);
  expect(bug).toEqual(new InvariantError('first'));
  await stopped();
});

it('measures how many keys are in which status, also those that left it', async () => {
  const gauges = new Map<string, number>();
  const meter: Meter = {
    ...nullMeter,
    gauge: (name, value, labels = {}) =>
      void gauges.set([name, ...Object.values(labels)].join(' '), value),
  };
  const { bus, kv, store, clock, log } = world;
  host = new OwnerHost({ bus, kv, store, clock, log, meter }, 'life-1');
  host.add('risk/a', () => logic());
  host.add('bot/b', () => logic(() => Promise.reject(refused())));
  host.measure();
  expect(gauges.get('capstan_journal_keys risk waiting')).toBe(1);
  const hasHalted = () => host.statuses().some(({ status }) => status.kind === 'halted');
  await world.until(() => hasHalted() && host.owned().length > 0);
  host.measure();
  expect(Object.fromEntries(gauges)).toMatchObject({
    'capstan_journal_keys risk waiting': 0,
    'capstan_journal_keys risk owning': 1,
    'capstan_journal_keys bot halted': 1,
    'capstan_journal_owned risk/a': 1,
    'capstan_journal_owned bot/b': 0,
    'capstan_journal_unpublished_messages risk': 0,
  });
  await stopped();
});
