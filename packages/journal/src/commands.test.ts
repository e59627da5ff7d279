import { timeUs } from '@capstan/domain';
import type { Bus, CommandRecord, Store } from '@capstan/ports';
import { beforeEach, expect, it } from 'vitest';
import { runCommand } from './commands.ts';
import { JournalWorld, withMethods } from './journal.test-support.ts';
import { type Notes, NotingLogic, noNotes } from './owner.test-support.ts';
import { KeyedOwner } from './owner.ts';

const KEY = 'bot/one';
const command = (commandId = 'c1'): CommandRecord => ({
  commandId,
  key: KEY,
  kind: 'PauseBot',
  payload: '{}',
  actor: 'me',
  createdAtUs: timeUs(1),
  state: 'pending',
});

let world: JournalWorld;
let notes: Notes;
beforeEach(() => {
  world = new JournalWorld();
  notes = noNotes();
});

/** Runs a command while time flies. */
async function run(ports: { bus?: Bus; store?: Store } = {}, timeoutMs = 1_000, id = 'c1') {
  let end: { value?: CommandRecord; error?: unknown } | undefined;
  void runCommand(
    { ...world, bus: world.bus, store: world.store, clock: world.clock, ...ports },
    command(id),
    timeoutMs,
  ).then(
    (value) => {
      end = { value };
    },
    (error: unknown) => {
      end = { error };
    },
  );
  await world.until(() => end !== undefined);
  return end;
}

function startOwner(): KeyedOwner {
  const owner = new KeyedOwner(world, KEY, 'life-1', () => new NotingLogic(notes));
  void owner.run();
  return owner;
}

it('returns what the owner answered', async () => {
  const owner = startOwner();
  expect((await run())?.value).toMatchObject({
    commandId: 'c1',
    state: 'done',
    result: 'so be it',
  });
  await owner.stop();
});

it('is applied once, however often it is run', async () => {
  const owner = startOwner();
  const answers = [await run(), await run(), await run()];
  expect(new Set(answers.map((one) => JSON.stringify(one?.value))).size).toBe(1);
  expect(notes.calls).toEqual(['PauseBot c1']);
  await owner.stop();
});

it('says in time that nobody answered, and the command stays', async () => {
  const startMs = world.clock.monotonicMs();
  expect((await run({}, 700))?.error).toMatchObject({
    code: 'COMMAND.TIMEOUT',
    retry: 'retryable',
  });
  expect(world.clock.monotonicMs() - startMs).toBeGreaterThanOrEqual(700);
  expect(world.clock.monotonicMs() - startMs).toBeLessThan(1_000);
  const owner = startOwner();
  await world.until(() => notes.calls.length === 1);
  expect(await world.store.command('c1')).toMatchObject({ state: 'done' });
  await owner.stop();
});

it('calls again when a notice was lost', async () => {
  const owner = startOwner();
  await world.until(() => owner.status.kind === 'owning');
  let notices = 0;
  const bus = withMethods<Bus>(world.bus, {
    notify: async (...notice) => {
      notices += 1;
      if (notices > 2) await world.bus.notify(...notice);
    },
  });
  expect((await run({ bus }))?.value?.state).toBe('done');
  expect(notices).toBe(3);
  await owner.stop();
});
