import { timeUs } from '@capstan/domain';
import { type Breaker, closedBreaker, decodeBreaker } from '@capstan/risk';
import { portErrors } from '@capstan/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { afterAcceptance, afterFailure } from './breaker.ts';
import { at, terms, World } from './test-world.ts';

const AT = timeUs(1_000);

describe('counting', () => {
  it('opens exactly when the last so many answers were failures, and nothing closes it', () => {
    const answers = fc.array(fc.boolean(), { maxLength: 40 });
    fc.assert(
      fc.property(answers, fc.integer({ min: 1, max: 6 }), (accepted, most) => {
        let breaker = closedBreaker(most);
        let inRow = 0;
        let opened = false;
        for (const isAccepted of accepted) {
          inRow = isAccepted ? 0 : inRow + 1;
          opened ||= inRow >= most;
          breaker = isAccepted ? afterAcceptance(breaker) : afterFailure(breaker, 'no', AT);
          expect(breaker.open).toBe(opened);
          if (opened) expect(breaker.failures).toBeGreaterThanOrEqual(most);
          else expect(breaker.failures).toBe(inRow);
        }
      }),
    );
  });
});

/** What others can read of the breaker. */
async function told(world: World): Promise<Breaker> {
  const entry = await world.kv.get('switches', 'breaker/paper');
  return decodeBreaker(new TextDecoder().decode(entry?.value));
}

/** Sends so many orders that the venue rejects, one a slice. */
async function rejected(count: number): Promise<World> {
  const world = new World();
  for (let slice = 1; slice <= count; slice += 1) {
    world.venue.doings.push('reject');
    world.slice(slice, [terms(`r${slice}`, { expiresAtUs: at(slice + 1) })]);
  }
  await world.run();
  return world;
}

describe('a breaker', () => {
  it('opens with the fifth rejection in a row: what adds is denied, what reduces goes out', async () => {
    const world = await rejected(5);
    expect(await told(world)).toMatchObject({ open: true, failures: 5, failuresMax: 5 });
    const fresh = { expiresAtUs: at(7) };
    world.slice(6, [terms('add', fresh), terms('cut', { ...fresh, reducing: true, side: 'sell' })]);
    await world.run();
    expect(await world.order('add')).toMatchObject({
      state: 'denied',
      reason:
        'breaker: the breaker is open after 5 failures in a row, the last: the venue rejected an order: not today',
    });
    expect((await world.order('cut')).state).toBe('accepted');
    const audit = await world.store.audit(10);
    expect(audit.map(({ action, actor }) => [action, actor])).toEqual([
      ['BreakerOpened', 'execution'],
    ]);
  });

  it('stays closed where an acceptance came between', async () => {
    const world = await rejected(4);
    world.slice(5, [terms('good', { expiresAtUs: at(6) })]);
    world.venue.doings.push('accept', 'reject');
    world.slice(6, [terms('bad', { expiresAtUs: at(7) })]);
    await world.run();
    expect(await told(world)).toMatchObject({ open: false, failures: 1 });
  });

  it('counts calls without an answer, those that fail together once', async () => {
    const world = new World();
    world.slice(1, [terms('a'), terms('b'), terms('c')]);
    world.venue.doings.push('unanswered');
    world.venue.onSubmit = () => {
      world.venue.down = true;
    };
    await world.run();
    expect(await told(world)).toMatchObject({ open: false, failures: 1 });
  });

  it('opens within a slice: what waits behind the last failure is not sent', async () => {
    const world = new World();
    const many = Array.from({ length: 100 }, (_, index) => terms(`o${index}`));
    world.venue.doings.push(...many.map(() => 'reject' as const));
    world.slice(1, many);
    await world.run();
    expect(world.venue.arrivals.length).toBeLessThan(100);
    expect((await world.store.orders({ states: ['denied'], limit: 200 })).length).toBe(
      100 - world.venue.arrivals.length,
    );
  });

  it('counts a rejection that comes later, as an event, once', async () => {
    const world = new World();
    world.slice(1, [terms('a')]);
    await world.run();
    world.venue.emit({ kind: 'rejected', orderId: 'a', reason: 'after all not' });
    await world.run();
    expect(await told(world)).toMatchObject({
      failures: 1,
      reason: 'the venue rejected an order: after all not',
    });
  });

  it('is reset by a person, audited, and lets orders out again', async () => {
    const world = await rejected(5);
    const answered = await world.command('ResetBreaker', {});
    expect(answered).toMatchObject({
      state: 'done',
      result: expect.stringContaining('reset: the breaker is open after 5 failures'),
    });
    expect(await told(world)).toMatchObject({ open: false, failures: 0 });
    world.slice(6, [terms('add', { expiresAtUs: at(7) })]);
    await world.run();
    expect((await world.order('add')).state).toBe('accepted');
    const actions = (await world.store.audit(10)).map(({ action, actor }) => [action, actor]);
    expect(actions).toContainEqual(['ResetBreaker', 'operator']);
    const again = await world.command('ResetBreaker', { again: true });
    expect(again.result).toBe('it is closed already.');
  });

  it('is not reset while the venue does not answer, unless by force', async () => {
    const world = await rejected(5);
    world.venue.down = true;
    const refused = await world.command('ResetBreaker', {});
    expect(refused).toMatchObject({
      state: 'refused',
      result: expect.stringMatching(/^the cause is still there: the venue does not answer/),
    });
    expect((await told(world)).open).toBe(true);
    const forced = await world.command('ResetBreaker', { force: true });
    expect(forced).toMatchObject({
      state: 'done',
      result: expect.stringContaining('The cause is still there: the venue does not answer'),
    });
    expect((await told(world)).open).toBe(false);
  });

  it('is not reset while it is not known whether the venue has an order', async () => {
    const world = await rejected(5);
    world.slice(6, [terms('x', { reducing: true, side: 'sell', expiresAtUs: at(7) })]);
    world.venue.doings.push('lost');
    world.venue.find = () => Promise.reject(portErrors.venueUnavailable('it is silent'));
    await world.run();
    const refused = await world.command('ResetBreaker', {});
    expect(refused.result).toMatch(/of one order the venue has not said whether it has it/);
  });
});

it('counts nothing where the venue did not let us in: what is told of its keys ends by itself', async () => {
  const world = new World();
  const answer = { kind: 'rejected', reason: 'the keys are not taken', noAccess: true } as const;
  world.venue.submit = async () => answer;
  for (let slice = 1; slice <= 6; slice += 1) {
    world.slice(slice, [terms(`r${slice}`, { expiresAtUs: at(slice + 1) })]);
  }
  await world.run();
  expect(await world.order('r6')).toMatchObject({ state: 'rejected', reason: answer.reason });
  expect(await told(world)).toMatchObject({ open: false, failures: 0 });
});
