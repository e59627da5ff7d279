import type { BusMessage, CommandRecord, OwnerRecord } from '@capstan/ports';
import type { OwnerInput } from './input.ts';
import { textOf } from './journal.test-support.ts';
import type { OwnerLogic, OwnerSource } from './owner.ts';
import type { OwnerSession } from './session.ts';

/** What happened to the logics of one test, over all ownerships. */
export interface Notes {
  readonly heard: string[];
  readonly calls: string[];
  loads: number;
}

export const noNotes = (): Notes => ({ heard: [], calls: [], loads: 0 });

/** Logic that notes everything and commits after each message. Its parts can be replaced. */
export class NotingLogic implements OwnerLogic {
  readonly inputs: readonly OwnerInput[] = [{ stream: 'TRADING', filters: ['trading.>'] }];
  readonly notes: Notes;

  constructor(notes: Notes) {
    this.notes = notes;
  }

  async load(_session: OwnerSession, _record: OwnerRecord): Promise<void> {
    this.notes.loads += 1;
    await Promise.resolve();
  }

  async onMessage(session: OwnerSession, message: BusMessage): Promise<void> {
    this.notes.heard.push(textOf(message.data));
    await session.commit({});
  }

  async onBatchEnd(_session: OwnerSession): Promise<void> {
    this.notes.calls.push('batch end');
    await Promise.resolve();
  }

  async onCommand(session: OwnerSession, command: CommandRecord): Promise<void> {
    this.notes.calls.push(`${command.kind} ${command.commandId}`);
    const { commandId } = command;
    await session.commit({ commands: [{ commandId, state: 'done', result: 'so be it' }] });
  }

  async onItems(_session: OwnerSession, source: number, items: readonly unknown[]): Promise<void> {
    this.notes.calls.push(`items ${source}: ${items.join(' ')}`);
    await Promise.resolve();
  }

  async onDrain(session: OwnerSession): Promise<void> {
    this.notes.calls.push('drain');
    await session.commit({});
  }
}

/** A source that gives what is put into it. */
export class HandSource implements OwnerSource {
  readonly #batches: (readonly unknown[])[] = [];
  #wake: () => void = () => undefined;
  closed = false;

  put(...items: readonly unknown[]): void {
    this.#batches.push(items);
    this.#wake();
  }

  async next(): Promise<readonly unknown[]> {
    while (this.#batches.length === 0 && !this.closed) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.closed ? [] : (this.#batches.shift() ?? []);
  }

  async close(): Promise<void> {
    this.closed = true;
    this.#wake();
  }
}
