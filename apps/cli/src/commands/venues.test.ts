import { expect, it } from 'vitest';
import { accountsToAsk, venuesText } from './venues.ts';

const paper = { accountId: 'paper', venue: 'paper', mode: 'paper' } as never;
const fund = { accountId: 'fund', venue: 'alpaca', mode: 'live', credentials: 'FUND' } as never;

it('shows what each venue can do', () => {
  const lines = venuesText().split('\n');
  expect(lines[0]).toMatch(/paper.*alpaca/);
  expect(lines.find((line) => line.startsWith('changes working orders'))).toMatch(/yes\s+no/);
});

it('asks the accounts of the configuration, or the one that is named', () => {
  expect(accountsToAsk([paper, fund], undefined, {})).toHaveLength(2);
  expect(accountsToAsk([paper, fund], 'fund', {})).toEqual([fund]);
  expect(() => accountsToAsk([paper, fund], 'fnud', {})).toThrow(/no account 'fnud'.*paper, fund/);
});

it('asks by the keys of the environment where no account is at a broker', () => {
  const environment = { ALPACA_API_KEY: 'PK' };
  expect(accountsToAsk([paper], undefined, {})).toEqual([paper]);
  expect(accountsToAsk([paper], undefined, environment).at(-1)).toEqual({
    accountId: 'the environment',
    venue: 'alpaca',
    mode: 'paper',
  });
  expect(accountsToAsk([fund], undefined, environment)).toEqual([fund]);
});
