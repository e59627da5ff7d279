import { cashMicros, quantity, timeUs, type VenueActivity } from '@capstan/domain';
import type { CommandRecord, ForeignRule } from '@capstan/ports';
import { portErrors } from '@capstan/testkit';
import { World } from './position-world.fixture.ts';

const EXECUTION = { key: 'execution/paper', epochUs: timeUs(1), token: 1 };

/** Calls of ports that an owner dies at. */
const STORE_CALLS = ['ledger', 'command', 'addCommand', 'commit', 'isBooked'] as const;

/** A broker that numbers nothing, whose account nobody has traded on yet; risk has opened a ledger of nothing. */
export class OpeningWorld extends World {
  /** What execution was asked to book, in its order. */
  readonly asked: VenueActivity[] = [];
  override activities = 'recent' as const;
  override numbersEvents = false;
  #sequence = 0;
  #ledger = 0;
  #applied = 0;
  #callsLeft = Number.POSITIVE_INFINITY;
  #diesAfter = false;
  #isOwn = false;

  static async at(
    cash: number,
    { foreign = 'hold', stated }: { foreign?: ForeignRule; stated?: number } = {},
  ): Promise<OpeningWorld> {
    const world = new OpeningWorld();
    await world.store.takeOwnership({ key: 'risk/paper', epochUs: timeUs(1), token: 1 });
    await world.store.takeOwnership(EXECUTION);
    world.account = { ...world.account, cashMicros: cashMicros(cash), positions: [] };
    world.state(stated, foreign);
    await world.apply();
    world.#watch();
    return world;
  }

  /** Sets what the configuration says. */
  state(stated: number | undefined, foreign: ForeignRule = 'hold'): void {
    const opening = stated === undefined ? {} : { statedMicros: cashMicros(stated) };
    this.options = { ...this.options, foreign, opening };
  }

  override holds(units: number, symbol = 'SPY'): void {
    const position = { symbol, quantity: quantity(units), costMicros: cashMicros(7) };
    this.account = { ...this.account, positions: [position] };
  }

  /** Somebody else bought before the account was opened, and execution has adopted that. */
  async adopted(units: number, cost: number): Promise<void> {
    this.holds(units);
    this.account = { ...this.account, cashMicros: cashMicros(this.account.cashMicros - cost) };
    this.#ledger -= cost;
    const [held] = this.account.positions;
    if (held === undefined) throw new Error('expected a position');
    const none = cashMicros(0);
    const row = { ...held, accountId: 'paper', botId: 'house' };
    await this.#ours(() =>
      this.write({ ledgerPositions: [{ ...row, realisedMicros: none, feesMicros: none }] }),
    );
    await this.apply();
  }

  /** Cash comes or goes at the broker, which lists it. */
  move(amountMicros: number): void {
    const head = { accountId: 'paper', eventAtUs: this.clock.nowUs(), kind: 'interest' as const };
    const activityId = `A${this.told.length}`;
    this.told.push({ ...head, activityId, amountMicros: cashMicros(amountMicros) });
    const { cashMicros: cash } = this.account;
    this.account = { ...this.account, cashMicros: cashMicros(cash + amountMicros) };
  }

  /** Lets the store fail once, after so many calls: before it has done what it was told to, or after. The owner starts over. */
  dieAfter(calls: number, isDone: boolean): void {
    this.#callsLeft = calls;
    this.#diesAfter = isDone;
  }

  /** True once the store has failed as it was told to. */
  get hasDied(): boolean {
    return this.#callsLeft < 0;
  }

  /** Books what execution is asked to, each activity once, as it does. */
  async bookAsked(): Promise<void> {
    await this.#ours(async () => {
      for (const command of await this.store.pendingCommands(EXECUTION.key)) {
        await this.#answer(command);
      }
    });
  }

  async #answer({ commandId, kind, payload }: CommandRecord): Promise<void> {
    const state = 'done' as const;
    const done = { fence: EXECUTION, commands: [{ commandId, state, result: '' }] };
    if (kind !== 'BookActivity') return await this.store.commit(done);
    const activity: Extract<VenueActivity, { amountMicros: number }> = JSON.parse(payload).activity;
    this.asked.push(activity);
    const { activityId, amountMicros, eventAtUs } = activity;
    if (await this.store.isBooked('paper', activityId)) return await this.store.commit(done);
    this.#sequence += 1;
    this.#ledger += amountMicros;
    const event = {
      ...{ cashEventId: `c-${activityId}`, kind: activity.kind as 'transfer', accountId: 'paper' },
      ...{ botId: 'house', amountMicros, activityId, eventAtUs, accountSequence: this.#sequence },
    };
    await this.store.commit({ ...done, cashEvents: [event] });
  }

  /** Has risk apply all that is booked. */
  async apply(): Promise<void> {
    this.#applied = this.#ledger;
    const cash = { accountId: 'paper', botId: 'house', cashMicros: cashMicros(this.#applied) };
    await this.#ours(() =>
      this.write({ ledgerCash: [{ ...cash, throughSequence: this.#sequence }] }),
    );
  }

  /** Lets everybody do all that there is to do. */
  async settle(): Promise<void> {
    for (let round = 0; round < 12; round += 1) {
      await this.clock.advance(15_000);
      await this.bookAsked();
      await this.apply();
    }
  }

  /** The sum of the ledgers. */
  get ledger(): number {
    return this.#applied;
  }

  async #ours(act: () => Promise<void>): Promise<void> {
    this.#isOwn = true;
    await act();
    this.#isOwn = false;
  }

  /** Counts the owner's calls of the store. */
  #watch(): void {
    for (const name of STORE_CALLS) {
      const call = this.store[name].bind(this.store) as (...of: unknown[]) => Promise<unknown>;
      const counted = async (...of: unknown[]) => {
        if (this.#isOwn) return await call(...of);
        this.#callsLeft -= 1;
        const dies = this.#callsLeft === -1;
        if (dies && !this.#diesAfter) throw portErrors.storeUnavailable('it dies before');
        const answer = await call(...of);
        if (dies) throw portErrors.storeUnavailable('it dies after');
        return answer;
      };
      Object.assign(this.store, { [name]: counted });
    }
  }
}
