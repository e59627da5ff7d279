import { describe, expect, it } from 'vitest';
import {
  type EndpointAccount,
  type TradingMode,
  type VenueConnection,
  VenueEndpoints,
} from './endpoints.ts';

/** A vendor with both endpoints, which notes each one that is made. */
function vendor() {
  const made: TradingMode[] = [];
  const closed: TradingMode[] = [];
  const factory = (mode: TradingMode) => () => {
    made.push(mode);
    return { close: () => closed.push(mode) } as unknown as VenueConnection;
  };
  const vendors = {
    broker: { paper: factory('paper'), live: factory('live') },
    exchange: { paper: factory('paper') },
  };
  return { vendors, made, closed };
}

const account = (mode: TradingMode, venue = 'broker') => ({ accountId: 'main', venue, mode });

describe('live money', () => {
  it('takes both keys: with either missing the live endpoint is not even made', () => {
    const made = (mode: TradingMode, allowLive: boolean): readonly TradingMode[] => {
      const one = vendor();
      try {
        new VenueEndpoints(one.vendors, allowLive).of(account(mode));
      } catch {
        // Said by the next test.
      }
      return one.made;
    };
    expect(made('paper', false)).toEqual(['paper']);
    expect(made('paper', true)).toEqual(['paper']);
    expect(made('live', false)).toEqual([]);
    expect(made('live', true)).toEqual(['live']);
  });

  it('that the installation does not allow is refused with the account and both keys', () => {
    const one = vendor();
    expect(() => new VenueEndpoints(one.vendors, false).of(account('live'))).toThrow(
      /account main says 'mode: live'.*allowLive: true/s,
    );
  });

  it('at a venue without a live endpoint is refused with what there is', () => {
    const endpoints = new VenueEndpoints(vendor().vendors, true);
    expect(() => endpoints.of(account('live', 'exchange'))).toThrow(/no live endpoint.*paper/s);
    expect(() => endpoints.of(account('paper', 'toString'))).toThrow(/broker, exchange/);
  });
});

it('makes an endpoint for each pair of keys, and says which', () => {
  const asked: (string | undefined)[] = [];
  const paper = ({ credentials }: EndpointAccount) => {
    asked.push(credentials);
    return { close: () => undefined } as unknown as VenueConnection;
  };
  const endpoints = new VenueEndpoints({ broker: { paper } }, false);
  const first = endpoints.of(account('paper'));
  const fund = { ...account('paper'), accountId: 'fund', credentials: 'FUND' };
  expect(endpoints.of(fund)).not.toBe(first);
  expect(endpoints.of(fund)).toBe(endpoints.of(fund));
  expect(asked).toEqual([undefined, 'FUND']);
});

it('makes an endpoint once for all its accounts, and ends it with the others', () => {
  const one = vendor();
  const endpoints = new VenueEndpoints(one.vendors, true);
  const first = endpoints.of(account('paper'));
  expect(endpoints.of({ ...account('paper'), accountId: 'second' })).toBe(first);
  endpoints.of(account('live'));
  expect(one.made).toEqual(['paper', 'live']);
  endpoints.close();
  expect(one.closed).toEqual(['paper', 'live']);
});
