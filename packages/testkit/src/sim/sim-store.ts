import type { Store } from '@capstan/ports';
import { copyOf } from '../memory/copy.ts';
import { portErrors } from '../memory/port-errors.ts';
import type { Life } from './life.ts';

type Method = (...args: readonly unknown[]) => Promise<unknown>;

/** The store as one life sees it: over a pool of connections, so that calls may overtake each other. */
export function simStore(life: Life): Store {
  const { store, faults } = life.world;
  const lost = (why: string) => portErrors.storeUnavailable(`the store ${why}.`);
  const call = (method: string, effect: () => Promise<unknown>): Promise<unknown> => {
    const isCommit = method === 'commit';
    return life.call({
      port: 'store',
      method,
      effect: async () => {
        if (faults.storeIsDown) throw lost('is down');
        if (faults.hits(isCommit ? 'commitFailed' : 'storeFailed')) throw lost('failed');
        const result = await effect();
        if (faults.hits(isCommit ? 'commitAckLost' : 'storeAckLost')) throw lost('broke off');
        return result;
      },
    });
  };
  return new Proxy<Store>(store, {
    get(target, name) {
      const method: unknown = Reflect.get(target, name, target);
      if (typeof method !== 'function' || typeof name !== 'string') return undefined;
      return (...args: readonly unknown[]) => {
        const sent = copyOf(args);
        return call(name, () => (method as Method).apply(target, [...sent]));
      };
    },
  });
}
