import { timeUs, ZERO_CASH } from '@capstan/domain';
import type { SnapshotRecord } from '@capstan/ports';
import { MemoryLog, MemoryStore, VirtualClock } from '@capstan/testkit';
import { expect, it } from 'vitest';
import { LIMITS } from './limits.ts';
import { SnapshotRetention } from './snapshot-retention.ts';

const NOW_US = 1_704_301_200_000_000;
const DAY_US = 86_400_000_000;

it('removes what is older than its days in batches, and then waits', async () => {
  const clock = new VirtualClock(timeUs(NOW_US));
  const store = new MemoryStore();
  const fence = { key: 'position/paper', epochUs: timeUs(1), token: 1 };
  await store.takeOwnership(fence);
  const take = (name: string, takenAtUs: number): SnapshotRecord => ({
    ...{ snapshotId: name, accountId: 'paper', takenAtUs: timeUs(takenAtUs) },
    ...{ venueSequence: 1, cashMicros: ZERO_CASH, positions: [] },
  });
  const old = Array.from({ length: LIMITS.trimmedMax + 1 }, (_, n) => take(`old ${n}`, n + 1));
  await store.commit({ fence, snapshots: [...old, take('kept', NOW_US - 30 * DAY_US)] });
  const left = async () => (await store.snapshots('paper', 10_000)).map((one) => one.snapshotId);

  const retention = new SnapshotRetention({ store, clock }, 'paper', 30);
  await retention.apply(new MemoryLog());
  expect(await left()).toEqual(['kept', `old ${LIMITS.trimmedMax}`]);
  await retention.apply(new MemoryLog());
  expect(await left()).toEqual(['kept']);

  await clock.advance(1);
  await retention.apply(new MemoryLog());
  expect(await left()).toEqual(['kept']);
  await clock.advance(LIMITS.trimEveryMs);
  await retention.apply(new MemoryLog());
  expect(await left()).toEqual([]);
});
