import { quantity } from '@capstan/domain';
import { PLAIN_EXCHANGE } from '@capstan/engine';
import { drained } from '@capstan/testkit';
import { describe, expect, it } from 'vitest';
import {
  at,
  ExchangeWorld,
  MemoryJournal,
  Reading,
  SETTINGS,
  terms,
} from './exchange-world.fixture.ts';

describe('PaperExchange', () => {
  it('fills an order at the next slice and reports the slice after its events', async () => {
    const world = new ExchangeWorld();
    const exchange = await world.open();
    const reading = await Reading.of(exchange);
    expect(await exchange.submit(terms('a'))).toMatchObject({ kind: 'accepted' });
    await world.slice(1);
    await world.settle();
    expect(reading.heard).toEqual(['1 accepted', '2 filled', 'demo through 1']);
    expect(await exchange.account('paper')).toMatchObject({
      cashMicros: 100_000_000_000 - 1_010_000_000,
      sequence: 2,
      positions: [{ symbol: 'SPY', quantity: 10, costMicros: 1_010_000_000 }],
    });
    expect(await exchange.find('paper', 'a')).toMatchObject({ state: 'filled' });
    await exchange.stop();
  });

  it('hands over the events of a slice and its report in one piece', async () => {
    const world = new ExchangeWorld();
    const exchange = await world.open();
    await exchange.submit(terms('a'));
    const updates = await exchange.updates('paper', 1);
    const waiting = updates.next();
    await world.slice(1);
    await world.settle();
    expect((await waiting).map((update) => update.kind)).toEqual(['event', 'slice']);
    await exchange.stop();
  });

  it('answers a repeated submission alike, and has one order', async () => {
    const exchange = await new ExchangeWorld().open();
    const [first, second] = await Promise.all([
      exchange.submit(terms('a')),
      exchange.submit(terms('a')),
    ]);
    expect(second).toEqual(first);
    expect(await exchange.openOrders('paper')).toHaveLength(1);
  });

  it('cancels what works, and says why it cannot cancel what does not', async () => {
    const world = new ExchangeWorld();
    const exchange = await world.open();
    const reading = await Reading.of(exchange);
    await exchange.submit(terms('a'));
    expect(await exchange.cancel('paper', 'a')).toEqual({ kind: 'requested' });
    expect(await exchange.cancel('paper', 'a')).toEqual({
      kind: 'rejected',
      reason: 'the order is cancelled',
    });
    expect(await exchange.cancel('paper', 'z')).toMatchObject({ kind: 'rejected' });
    await world.settle();
    expect(reading.heard).toEqual(['1 accepted', '2 cancelled', '3 cancelRejected']);
  });

  it('shows an account nothing of another', async () => {
    const exchange = await new ExchangeWorld().open();
    await exchange.submit(terms('a'));
    expect(await exchange.find('other', 'a')).toBeUndefined();
    await expect(exchange.account('other')).rejects.toMatchObject({ code: 'EXCHANGE.ACCOUNT' });
    await expect(exchange.updates('other', 0)).rejects.toMatchObject({ code: 'EXCHANGE.ACCOUNT' });
  });

  it('answers and shows nothing before it is written, however many come at once', async () => {
    const world = new ExchangeWorld();
    const journal = new MemoryJournal();
    const exchange = await world.open(journal);
    const reading = await Reading.of(exchange);
    const answered: string[] = [];
    const gates: (() => void)[] = [];
    const shut = () => {
      journal.gate = new Promise((resolve) => gates.push(resolve));
    };
    const submit = async (id: string) => {
      await exchange.submit(terms(id));
      answered.push(id);
    };
    shut();
    const all = [submit('a')];
    await drained();
    all.push(submit('b'), submit('c'));
    const asked = exchange.find('paper', 'c').then(() => answered.push('found'));
    await drained();
    expect([answered, reading.heard]).toEqual([[], []]);
    const open = gates.shift();
    shut();
    open?.();
    await drained();
    expect(answered).toEqual(['a']);
    expect(reading.heard).toEqual(['1 accepted']);
    gates.shift()?.();
    await Promise.all([...all, asked]);
    expect(answered.sort()).toEqual(['a', 'b', 'c', 'found']);
    expect(journal.entries.filter((entry) => entry.kind === 'input')).toHaveLength(3);
  });

  it('refuses everything once its journal cannot be written, and ends', async () => {
    const world = new ExchangeWorld();
    const journal = new MemoryJournal();
    const exchange = await world.open(journal);
    const reading = await Reading.of(exchange);
    await exchange.submit(terms('a'));
    journal.full = true;
    const lost = { code: 'VENUE.UNAVAILABLE', retry: 'retryable' };
    await expect(exchange.submit(terms('b'))).rejects.toMatchObject(lost);
    await expect(exchange.failed).rejects.toMatchObject({
      code: 'EXCHANGE.JOURNAL',
      message: expect.stringContaining('/data/journal.jsonl'),
    });
    journal.full = false;
    await expect(exchange.submit(terms('b'))).rejects.toMatchObject(lost);
    await expect(exchange.cancel('paper', 'a')).rejects.toMatchObject(lost);
    await expect(exchange.find('paper', 'b')).rejects.toMatchObject(lost);
    await expect(exchange.account('paper')).rejects.toMatchObject(lost);
    await expect(exchange.openOrders('paper')).rejects.toMatchObject(lost);
    await expect(exchange.updates('paper', 0)).rejects.toMatchObject(lost);
    await world.slice(1);
    await world.settle();
    expect(reading.heard).toEqual(['1 accepted']);
    await exchange.stop();
    const again = await world.open(new MemoryJournal(journal.entries));
    expect(await again.find('paper', 'b')).toBeUndefined();
  });

  it('takes as long to answer as it is told', async () => {
    const world = new ExchangeWorld();
    const exchange = await world.open(new MemoryJournal(), { latencyMs: 40 });
    let answered = false;
    const answer = exchange.submit(terms('a')).then(() => {
      answered = true;
    });
    await world.clock.advance(39);
    expect(answered).toBe(false);
    await world.clock.advance(1);
    await answer;
  });

  it('is refused a sequence that it never reached', async () => {
    const exchange = await new ExchangeWorld().open();
    await expect(exchange.updates('paper', 3)).rejects.toMatchObject({
      code: 'EXCHANGE.SEQUENCE',
      why: expect.stringContaining('has 0 events'),
    });
  });
});

describe('PaperExchange and its market data', () => {
  it('assembles feeds apart, and passes over those that it does not follow', async () => {
    const world = new ExchangeWorld();
    const exchange = await world.open();
    const reading = await Reading.of(exchange);
    await world.bar(1, 'SPY', 'demo');
    await world.bar(1, 'QQQ', 'other');
    await world.bar(1, 'QQQ', 'stranger');
    await world.close(1, ['QQQ'], 'other');
    await world.close(1, ['SPY'], 'demo');
    await world.settle();
    expect(reading.heard.sort()).toEqual(['demo through 1', 'other through 1']);
    await exchange.stop();
  });

  it('takes it up again where the stream is made anew', async () => {
    const world = new ExchangeWorld();
    const exchange = await world.open();
    const reading = await Reading.of(exchange);
    await exchange.submit(terms('a'));
    await world.slice(1);
    await world.settle();
    world.bus.recreateStream('MARKET');
    await world.slice(1);
    await world.slice(2);
    await world.settle();
    expect(reading.heard).toEqual(['1 accepted', '2 filled', 'demo through 1', 'demo through 2']);
    expect(world.log.lines.map((line) => line.message)).toContain(
      'market data gave way; it is taken up again',
    );
    await exchange.stop();
  });

  it('does not wait for the closing of a slice of which only a correction is left', async () => {
    const world = new ExchangeWorld();
    await world.slice(1);
    await world.bar(1, 'SPY', 'demo', 1);
    await world.slice(2);
    world.bus.dropThrough('MARKET', 2);
    const exchange = await world.open();
    const reading = await Reading.of(exchange);
    await world.settle();
    expect(reading.heard).toEqual(['demo through 2']);
    await exchange.stop();
  });

  it('does not wait for bars that the stream no longer has', async () => {
    const world = new ExchangeWorld();
    await world.bar(1, 'QQQ');
    await world.bar(1, 'SPY');
    await world.close(1, ['QQQ', 'SPY']);
    await world.slice(2);
    world.bus.dropThrough('MARKET', 1);
    const exchange = await world.open();
    const reading = await Reading.of(exchange);
    await world.settle();
    expect(reading.heard).toEqual(['demo through 1', 'demo through 2']);
    await exchange.stop();
  });
});

describe('PaperExchange over its journal', () => {
  /** A day with fills, a cancel and a rejection. */
  async function day() {
    const world = new ExchangeWorld();
    const journal = new MemoryJournal();
    const exchange = await world.open(journal);
    await exchange.submit(terms('a'));
    await world.slice(1);
    await world.settle();
    await exchange.submit(terms('b', { symbol: 'NOPE', decidedAtUs: at(1) }));
    await exchange.submit(terms('c', { symbol: 'QQQ', decidedAtUs: at(1) }));
    await exchange.cancel('paper', 'c');
    await exchange.submit(terms('d', { side: 'sell', decidedAtUs: at(1), quantity: quantity(5) }));
    await exchange.replace('paper', 'd', { count: 1, quantity: quantity(4) });
    await world.slice(2);
    await world.settle();
    const reading = await Reading.of(exchange);
    await world.settle();
    const account = await exchange.account('paper');
    await exchange.stop();
    return { world, journal, account, heard: reading.heard };
  }

  it('is rebuilt as it was, tells the last slices again, and matches none twice', async () => {
    const { world, journal, account, heard } = await day();
    const exchange = await world.open(new MemoryJournal(journal.entries));
    const reading = await Reading.of(exchange);
    await world.settle();
    expect(await exchange.account('paper')).toEqual(account);
    expect(reading.heard).toEqual(heard);
    expect(heard.at(-1)).toBe('demo through 2');
    await exchange.stop();
  });

  it('reports a slice whose report a crash cut off, though its market data is past', async () => {
    const { journal } = await day();
    const exchange = new ExchangeWorld().make(new MemoryJournal(journal.entries));
    await exchange.load();
    const reading = await Reading.of(exchange);
    await drained();
    expect(reading.heard.at(-1)).toBe('demo through 2');
  });

  it('comes to the same from every cut of the journal', async () => {
    const { world, journal, account, heard } = await day();
    for (let cut = 0; cut <= journal.entries.length; cut += 1) {
      const exchange = world.make(new MemoryJournal(journal.entries.slice(0, cut)));
      await exchange.load();
      const { sequence } = await exchange.account('paper');
      const reading = await Reading.of(exchange);
      await drained();
      expect(reading.heard.slice(0, sequence)).toEqual(heard.slice(0, sequence));
      const replayed = new MemoryJournal(journal.entries.slice(0, cut));
      replayed.entries.push(...journal.entries.slice(cut));
      const whole = world.make(replayed);
      await whole.load();
      expect(await whole.account('paper')).toEqual(account);
    }
  });

  it('goes on by other settings without changing what was', async () => {
    const { world, journal, account } = await day();
    const commission = { kind: 'perOrder' as const, feeMicros: 1_000_000 };
    const behaviour = {
      ...PLAIN_EXCHANGE,
      matcher: { ...PLAIN_EXCHANGE.matcher, commission },
    };
    const accounts = [...SETTINGS.accounts, { ...SETTINGS.accounts[0], accountId: 'second' }];
    const changed = new MemoryJournal(journal.entries);
    const dear = await world.open(changed, {
      behaviour,
      accounts: accounts as typeof SETTINGS.accounts,
    });
    expect(await dear.account('paper')).toEqual(account);
    expect(await dear.account('second')).toMatchObject({ sequence: 0 });
    await dear.submit(terms('e', { decidedAtUs: at(2) }));
    await world.slice(3);
    await world.settle();
    const after = await dear.account('paper');
    expect(after.cashMicros).toBe(account.cashMicros - 1_030_000_000 - 1_000_000);
    await dear.stop();
    const plain = await world.open(new MemoryJournal(changed.entries));
    expect(await plain.account('paper')).toEqual(after);
    expect(await plain.account('second')).toMatchObject({ accountId: 'second' });
    await plain.stop();
  });

  it('ends its run in peace when it is stopped', async () => {
    const world = new ExchangeWorld();
    const exchange = world.make();
    await exchange.load();
    const running = exchange.run();
    await drained();
    await exchange.stop();
    await expect(running).resolves.toBeUndefined();
  });
});
