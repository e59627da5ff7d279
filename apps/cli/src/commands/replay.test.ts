import { stripVTControlCharacters } from 'node:util';
import { AppError } from '@capstan/domain';
import { describe, expect, test } from 'vitest';
import { type Answer, GatewayClient } from '../gateway-client.ts';
import { askLastReplay } from '../last-replay.ts';
import { askReplay, countText, replayLines } from './replay.ts';

class FakeGateway extends GatewayClient {
  readonly #answers: Readonly<Record<string, Answer>>;

  constructor(answers: Readonly<Record<string, Answer>>) {
    super({ url: 'http://127.0.0.1:1', token: '' });
    this.#answers = answers;
  }

  override get(path: string): Promise<Answer> {
    const answer = this.#answers[path];
    return answer === undefined
      ? Promise.reject(new Error(`nobody asks for ${path}`))
      : Promise.resolve(answer);
  }
}

const plain = (lines: readonly string[]) =>
  lines.flatMap((line) => stripVTControlCharacters(line).split('\n'));

const compared = { botId: 'trend', accountId: 'paper', slices: 390, signals: 4, orders: 3 };
const difference = {
  ...{ atUs: 1_767_623_400_000_000, botId: 'trend', symbol: 'SPY', kind: 'denial' },
  ...{ live: 'denied by kill-switch', replay: 'buy 10 market', cause: 'kill', why: 'ana threw it' },
};
const day = (...differences: readonly Answer[]): Answer => ({
  tradeDate: '2026-01-05',
  bots: [
    {
      ...{ ...compared, fills: 3, differences, found: differences.length },
      unexplained: differences.filter(({ cause }) => cause === 'unexplained').length,
    },
  ],
});

describe('a replay', () => {
  test('is told by what was compared, every difference in the order of time, and the count', () => {
    const price = { ...difference, atUs: difference.atUs - 1, kind: 'price', cause: 'unexplained' };
    const lines = plain(replayLines(day(difference, { ...price, why: '' })));
    expect(lines[1]).toMatch(/^trend {2}paper +390 +4 +3 +3 +2$/);
    expect(lines[4]).toMatch(/price .* unexplained$/);
    expect(lines[5]).toMatch(
      /^2026-01-05 14:30:00 {2}trend {2}SPY +denial {2}denied by kill-switch {2}buy 10 market {2}kill: ana threw it$/,
    );
    expect(lines.at(-1)).toBe('replay of 2026-01-05: 2 differences, 1 unexplained');
  });

  test('of more differences than are shown says so', () => {
    const bots = [{ ...compared, fills: 3, differences: [difference], found: 600, unexplained: 7 }];
    expect(plain(replayLines({ tradeDate: '2026-01-05', bots })).at(-1)).toBe(
      'replay of 2026-01-05: 600 differences, 7 unexplained (the first 1 are shown)',
    );
  });

  test('that is not one of now says so', () => {
    const note = 'the inputs of 2026-01-05 are no longer kept: this is what was found as it ended';
    expect(plain(replayLines({ ...day(), note })).slice(-2)).toEqual([
      'replay of 2026-01-05: 0 differences, 0 unexplained',
      `! ${note}`,
    ]);
  });

  test('without a difference says so in one line', () => {
    expect(plain(replayLines(day())).slice(2)).toEqual([
      '',
      'replay of 2026-01-05: 0 differences, 0 unexplained',
    ]);
    expect(stripVTControlCharacters(countText(1, 0))).toBe('1 difference, 0 unexplained');
  });

  test.each([
    [{ bot: 'trnd' }, "there is no bot 'trnd'.", "Did you mean 'trend'?"],
    [{ bot: 'x' }, "there is no bot 'x'.", 'Known: trend, mean.'],
    [{ day: 'monday' }, "'monday' is no day.", 'Write it as 2026-03-03.'],
    [
      { day: '2026-01-04' },
      'there is nothing to replay of 2026-01-04.',
      'There are 2026-01-02, 2026-01-05.',
    ],
  ])('of %j is refused with what there is', async (asked, why, fix) => {
    const gateway = new FakeGateway({
      '/api/bots': { bots: [{ botId: 'trend' }, { botId: 'mean' }] },
      '/api/replay': { tradeDate: '', bots: [], tradeDates: ['2026-01-02', '2026-01-05'] },
    });
    await expect(askReplay(gateway, asked)).rejects.toMatchObject({ code: 'CLI.USAGE', why, fix });
  });
});

test('what the last replay found is asked for, and nothing is told where nobody answers', async () => {
  const replays = [{ accountId: 'paper', tradeDate: '2026-01-05', differences: 0, unexplained: 0 }];
  expect(await askLastReplay(() => new FakeGateway({ '/api/replays': { replays } }))).toEqual(
    replays,
  );
  const gone = (): GatewayClient => {
    throw new AppError({ code: 'CLI.NOT_RUNNING', why: 'it is gone.', fix: 'Start it.' });
  };
  expect(await askLastReplay(gone)).toEqual([]);
});
