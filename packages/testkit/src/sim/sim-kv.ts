import type { Kv } from '@capstan/ports';
import { copyOf } from '../memory/copy.ts';
import { portErrors } from '../memory/port-errors.ts';
import { BUS_LANE, failOnBus } from './bus-lane.ts';
import type { Life } from './life.ts';
import { simSource } from './sim-bus.ts';

/** Keys and values as one life sees them. */
export function simKv(life: Life): Kv {
  const { world } = life;
  const { kv, faults } = world;
  const read = <Result>(method: string, effect: () => Promise<Result>): Promise<Result> =>
    life.call({
      port: 'kv',
      method,
      lane: BUS_LANE,
      effect: async () => {
        failOnBus(world, 'kvFailed');
        return effect();
      },
    });
  const write = (method: string, effect: () => Promise<number>): Promise<number> =>
    read(method, async () => {
      const revision = await effect();
      if (faults.hits('kvAckLost')) throw portErrors.busUnavailable('the bus broke off.');
      return revision;
    });
  return {
    epochUs: (bucket) => read('epochUs', () => kv.epochUs(bucket)),
    get: (bucket, key) => read('get', () => kv.get(bucket, key)),
    keys: (bucket) => read('keys', () => kv.keys(bucket)),
    create: (bucket, key, value) => {
      const sent = copyOf(value);
      return write('create', () => kv.create(bucket, key, sent));
    },
    update: (bucket, key, value, revision) => {
      const sent = copyOf(value);
      return write('update', () => kv.update(bucket, key, sent, revision));
    },
    put: (bucket, key, value) => {
      const sent = copyOf(value);
      return write('put', () => kv.put(bucket, key, sent));
    },
    watch: (bucket, pattern) =>
      read('watch', async () =>
        simSource(life, { port: 'kv', name: pattern }, await kv.watch(bucket, pattern)),
      ),
  };
}
