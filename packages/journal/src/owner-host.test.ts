import { InvariantError } from '@capstan/domain';
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
  await world.until(() => host.problems().length > 0);
  expect(host.problems()).toEqual([{ key: 'risk/b', why: 'refused.' }]);
  expect(host.statuses()[0]?.status.kind).toBe('waiting');
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
