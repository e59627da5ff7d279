import { readStartOrders } from '@capstan/runtime';
import { MemoryBus, portErrors, SeededIds } from '@capstan/testkit';
import { describe, expect, it } from 'vitest';
import { KillSwitches } from './kill-switches.ts';
import { killAtStart, resetAtStart } from './start-orders.ts';
import { SwitchRequests } from './switch-requests.ts';
import { World } from './test-world.ts';

const ACCOUNTS = ['live', 'paper'];
const read = (environment: Readonly<Record<string, string>>) =>
  readStartOrders(environment, ACCOUNTS);

/** What stands behind the requests of a process that starts. */
function starting(replies: readonly (string | Error)[] = []) {
  const world = new World();
  const { store, clock, kv, log } = world;
  const switches = new KillSwitches({ kv, clock });
  const ports = { store, clock, kv, log, bus: new MemoryBus(clock), ids: new SeededIds(1) };
  const accounts = ACCOUNTS.map((accountId) => ({ accountId, breakerFailuresMax: 5 }));
  const requests = new SwitchRequests(ports, switches, accounts);
  const left = [...replies];
  requests.resetBreaker = async ({ accountId }) => {
    const reply = left.shift() ?? 'reset';
    if (typeof reply !== 'string') throw reply;
    const result = { commandId: 'c', applied: true, message: reply };
    return { resets: [{ accountId, result }] };
  };
  return { world, switches, requests, log };
}

describe('at a start', () => {
  it('every account is killed as it is ordered, unless it stands killed harder', async () => {
    const { world, switches, requests, log } = starting();
    await switches.set('live', { mode: 'hard', actor: 'ann', reason: 'fire' });
    await killAtStart({ requests, switches, log }, read({ KILL_SWITCH: 'true' }), ACCOUNTS);
    expect(switches.get('live')).toMatchObject({ mode: 'hard', actor: 'ann' });
    const reason = 'KILL_SWITCH=soft in the environment';
    expect(switches.get('paper')).toMatchObject({ mode: 'soft', actor: 'environment', reason });
    expect(await world.store.audit(10)).toMatchObject([{ action: 'Kill', subject: 'paper' }]);
    await killAtStart({ requests, switches, log }, read({}), ACCOUNTS);
    expect(switches.get('paper').mode).toBe('soft');
  });

  it('breakers are reset, and it is said what became of each', async () => {
    const away = portErrors.storeUnavailable('the store is away');
    const { requests, log } = starting([away, 'it is closed already.']);
    await resetAtStart({ requests, log }, read({ CIRCUIT_BREAKER_RESET: 'all' }));
    expect(log.lines.map(({ message, fields }) => [message, fields?.account])).toEqual([
      ['CIRCUIT_BREAKER_RESET: the breaker could not be reset', 'live'],
      ['CIRCUIT_BREAKER_RESET: it is closed already.', 'paper'],
    ]);
  });
});
