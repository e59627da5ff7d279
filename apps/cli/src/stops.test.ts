import { expect, test } from 'vitest';
import { GatewayClient } from './gateway-client.ts';
import { askStops } from './stops.ts';

class FakeGateway extends GatewayClient {
  readonly #overview: Readonly<Record<string, unknown>>;

  constructor(overview: Readonly<Record<string, unknown>>) {
    super({ url: 'http://127.0.0.1:1', token: '' });
    this.#overview = overview;
  }

  override get() {
    return Promise.resolve(this.#overview);
  }
}

test('a dry run and a kill are told, and nothing where nothing stops', async () => {
  const kill = { accountId: 'paper', mode: 'soft', actor: 'ann', reason: 'drill', progress: '' };
  const stopped = new FakeGateway({ dryRun: true, killSwitches: [kill], breakers: [] });
  expect(await askStops(() => stopped)).toEqual([
    'dry run: everything but the send is done',
    'paper: killed (soft) by ann — drill',
  ]);
  const well = new FakeGateway({ dryRun: false, killSwitches: [{ ...kill, mode: 'off' }] });
  expect(await askStops(() => well)).toEqual([]);
});
