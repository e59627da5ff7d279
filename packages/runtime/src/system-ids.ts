import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { Ids } from '@capstan/ports';

/** Makes the drawn names of the real world: the host and pid for people, random digits for uniqueness. */
export function createSystemIds(): Ids {
  return {
    incarnation: () => `${hostname()}-${process.pid}-${randomUUID().slice(0, 8)}`,
    random: () => randomUUID(),
  };
}
