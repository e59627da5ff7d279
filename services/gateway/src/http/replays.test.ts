import { afterEach, expect, test } from 'vitest';
import { ask, closeAll, open } from './app.test-support.ts';

afterEach(closeAll);

test('what replays of sessions found is shown, and one session is replayed', async () => {
  const one = await open();
  expect((await ask(one, '/api/replays')).body).toEqual({
    replays: [expect.objectContaining({ tradeDate: '2026-01-05', differences: 3, unexplained: 1 })],
  });
  const { body } = await ask(one, '/api/replay?bot=trend&day=2026-01-05');
  expect(body).toMatchObject({
    tradeDate: '2026-01-05',
    bots: [{ botId: 'trend', slices: 390, differences: [{ kind: 'denial', cause: 'kill' }] }],
  });
  expect(one.services.called.at(-1)).toMatchObject({
    method: 'replayDay',
    request: { botId: 'trend', tradeDate: '2026-01-05' },
  });
  expect((await ask(one, '/api/replay?day=2026-01-06')).body).toEqual({
    ...{ tradeDate: '', bots: [], tradeDates: ['2026-01-02', '2026-01-05'], note: '' },
  });
});
