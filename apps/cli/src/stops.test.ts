import { expect, test } from 'vitest';
import { type Answer, GatewayClient } from './gateway-client.ts';
import { askStops } from './stops.ts';

class FakeGateway extends GatewayClient {
  readonly #overview: Answer;
  readonly #drifts: Answer;

  constructor(overview: Answer, drifts: Answer = {}) {
    super({ url: 'http://127.0.0.1:1', token: '' });
    this.#overview = overview;
    this.#drifts = drifts;
  }

  override get(path: string): Promise<Answer> {
    return Promise.resolve(path === '/api/overview' ? this.#overview : this.#drifts);
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

test('what drifts is told, cash in its own unit', async () => {
  const drift = { accountId: 'paper', openedAtUs: 1_704_301_200_000_000, ledger: 10, broker: 9 };
  const drifts = [
    { ...drift, symbol: 'SPY' },
    { ...drift, symbol: '$cash', ledger: 2_500_000, broker: 1_000_000 },
    { ...drift, symbol: '$opening', ledger: 2_500_000, broker: 1_000_000 },
  ];
  const [ofSpy, ofCash, ofOpening] = await askStops(() => new FakeGateway({}, { drifts }));
  expect(ofSpy).toMatch(/^paper: drift of SPY since .* UTC: ledger 10, broker 9$/);
  expect(ofCash).toMatch(/^paper: drift of cash since .* UTC: ledger 2\.5\d*, broker 1[.\d]*$/);
  expect(ofOpening).toMatch(/^paper: not open: .*write `cash: 1\.00`$/);
});
