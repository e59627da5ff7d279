import { US_PER_MINUTE } from '@capstan/domain';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ALERT_KINDS, type Alert } from './alert.ts';
import { AlertBook, type AlertBookState, type AlertRules } from './alert-book.ts';
import { isQuiet } from './quiet-hours.ts';
import { anyAlert, minute, route } from './test-alerts.ts';

const RULES: AlertRules = {
  routes: [
    route('all', { kinds: ALERT_KINDS }),
    route('grave', { kinds: ALERT_KINDS, minLevel: 'critical' }),
    route('some', { kinds: ['kill', 'fill'] }),
  ],
  repeatUs: 10 * US_PER_MINUTE,
  quietHours: { fromMinute: 30, toMinute: 60, timeZone: 'UTC' },
};

type Step =
  | { readonly kind: 'raise'; readonly alert: Alert }
  | { readonly kind: 'wait'; readonly minutes: number }
  | { readonly kind: 'send'; readonly gone: readonly boolean[] };

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant('raise' as const), alert: anyAlert }),
  fc.record({ kind: fc.constant('wait' as const), minutes: fc.integer({ min: 0, max: 12 }) }),
  fc.record({
    kind: fc.constant('send' as const),
    gone: fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }),
  }),
);
const steps = fc.array(anyStep, { maxLength: 60, size: 'max' });

interface Sent {
  readonly channel: string;
  readonly sequence: number;
  readonly count: number;
  readonly level: string;
  readonly quiet: boolean;
}

interface World {
  book: AlertBook;
  atMinute: number;
  raised: number;
  readonly sent: Sent[];
}

const newWorld = (rules = RULES): World => ({
  book: new AlertBook(rules),
  atMinute: 0,
  raised: 0,
  sent: [],
});

/** @param deaf a channel to which nothing ever gets through. */
function play(world: World, step: Step, deaf?: string): void {
  const nowUs = minute(world.atMinute);
  if (step.kind === 'raise') {
    world.raised += 1;
    world.book.raise({ ...step.alert, atUs: nowUs }, nowUs);
  } else if (step.kind === 'wait') {
    world.atMinute += step.minutes;
    world.book.tick(minute(world.atMinute));
  } else {
    const { quietHours } = RULES;
    const quiet = quietHours !== undefined && isQuiet(quietHours, nowUs);
    for (const [index, message] of world.book.due(nowUs).entries()) {
      const gone = message.channel !== deaf && step.gone[index % 3] === true;
      world.book.settle(message, gone ? undefined : { why: 'down', of: 'channel' }, nowUs);
      if (!gone) continue;
      for (const { sequence, count, level } of message.alerts)
        world.sent.push({ channel: message.channel, sequence, count, level, quiet });
    }
  }
}

test('whatever fails and when, every alert is told once, alone or counted, and nothing twice', () => {
  fc.assert(
    fc.property(steps, (taken) => {
      const world = newWorld();
      for (const step of taken) play(world, step);
      // Days after the last, outside the quiet hours, everything gets through.
      for (let round = 0; round < 6; round += 1) {
        world.book.tick(minute(world.atMinute + 70 + round * 11));
        const nowUs = minute(24 * 60 - 1);
        for (const message of world.book.due(nowUs)) {
          world.book.settle(message, undefined, nowUs);
          for (const { sequence, count, level } of message.alerts)
            world.sent.push({ channel: message.channel, sequence, count, level, quiet: false });
        }
      }
      const all = world.sent.filter(({ channel }) => channel === 'all');
      expect(all.reduce((sum, { count }) => sum + count, 0)).toBe(world.raised);
      const ids = world.sent.map(({ channel, sequence }) => `${channel} ${sequence}`);
      expect(new Set(ids).size).toBe(ids.length);
    }),
  );
});

test('quiet hours let through what is critical and nothing else', () => {
  fc.assert(
    fc.property(steps, (taken) => {
      const world = newWorld();
      for (const step of taken) play(world, step);
      expect(world.sent.filter(({ quiet, level }) => quiet && level !== 'critical')).toEqual([]);
    }),
  );
});

test('a key that is no graver is told at most once in a window', () => {
  fc.assert(
    fc.property(steps, (taken) => {
      const world = newWorld();
      const toldAt = new Map<string, { atUs: number; level: string }>();
      let seen = 0;
      for (const step of taken) {
        play(world, step);
        const fresh = world.book.state().recent.filter(({ sequence }) => sequence > seen);
        for (const { key, level, sequence } of fresh.toReversed()) {
          const last = toldAt.get(key);
          const nowUs = minute(world.atMinute);
          const graver = ['info', 'warning', 'critical'].indexOf(level);
          const before = ['info', 'warning', 'critical'].indexOf(last?.level ?? '');
          if (last !== undefined && graver <= before)
            expect(nowUs - last.atUs).toBeGreaterThanOrEqual(RULES.repeatUs);
          toldAt.set(key, { atUs: nowUs, level });
          seen = Math.max(seen, sequence);
        }
      }
    }),
  );
});

test('a book that is written down and restored after any step goes on the same', () => {
  fc.assert(
    fc.property(steps, (taken) => {
      const [one, other] = [newWorld(), newWorld()];
      for (const step of taken) {
        play(one, step);
        play(other, step);
        const stored = JSON.parse(JSON.stringify(other.book.state())) as AlertBookState;
        other.book = new AlertBook(RULES, stored);
      }
      expect(other.book.state()).toEqual(one.book.state());
      expect(other.sent).toEqual(one.sent);
    }),
  );
});

test('what fails on one channel changes nothing on the others', () => {
  fc.assert(
    fc.property(steps, (taken) => {
      const [deaf, alone] = [newWorld(), newWorld({ ...RULES, routes: RULES.routes.slice(1) })];
      const always = taken.map((step) =>
        step.kind === 'send' ? { ...step, gone: [true, true, true] } : step,
      );
      for (const step of always) {
        play(deaf, step, 'all');
        play(alone, step);
      }
      expect(deaf.sent).toEqual(alone.sent);
    }),
  );
});
