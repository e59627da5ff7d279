import { AppError, isTerminal, type Order } from '@capstan/domain';
import { runCommand } from '@capstan/journal';
import type { CommandRecord } from '@capstan/ports';
import type { SimPorts, SimProgram, SimWorld } from '@capstan/testkit/sim';
import type { SwitchRequests } from '../../../services/execution/src/switch-requests.ts';
import type { Invariants } from './invariants/invariants.ts';
import { type BrokersKind, isBrokers, type Operation } from './operations.ts';
import { ACCOUNT_ID } from './scenario.ts';

/** How long a person waits for the answer to a command, and before asking again, in milliseconds. */
const ANSWER_MS = 3_000;
const AGAIN_MS = 1_000;

/** When people begin to look after what a broker cannot tell, in virtual milliseconds. */
const AFTERWARDS_MS = 40_000;

/** The kinds of kill on the wire. */
const WIRE_MODES = { soft: 2, hard: 3 } as const;

/** What the broker does is its own. */
type PersonsOperation = Exclude<Operation, { kind: BrokersKind }>;

/** People, who ask for what the seed says, and at the end close what the broker cannot tell. They outlive the process that asks. */
export class Operator {
  readonly #world: SimWorld;
  readonly #invariants: Invariants;
  readonly #operations: readonly PersonsOperation[];
  #done = 0;
  #asked = 0;

  constructor(world: SimWorld, invariants: Invariants, operations: readonly Operation[]) {
    this.#world = world;
    this.#invariants = invariants;
    this.#operations = operations.filter((one): one is PersonsOperation => !isBrokers(one));
  }

  /** Returns the program of the process that asks. */
  program(ports: SimPorts): SimProgram {
    return {
      run: async () => {
        for (;;) {
          const next = this.#operations[this.#done];
          const atMs = next?.atMs ?? Math.max(AFTERWARDS_MS, this.#world.nowMs + AGAIN_MS);
          await ports.clock.sleep(Math.max(0, atMs - this.#world.nowMs));
          if (next !== undefined) this.#done += 1;
          await patiently(() =>
            next === undefined ? this.#closeUntold(ports) : this.#do(ports, next),
          );
        }
      },
    };
  }

  async #do(ports: SimPorts, operation: PersonsOperation): Promise<void> {
    switch (operation.kind) {
      case 'ask':
        await this.#ask(ports, operation.owner, operation.command, operation.payload);
        return;
      case 'kill':
      case 'unkill':
        await this.#switch(ports, operation);
        return;
      case 'cancelOne':
        await this.#onOne(ports, ({ orderId }) => ['CancelOrder', { orderId }]);
        return;
      case 'shrinkOne':
        await this.#onOne(ports, ({ orderId, quantity }) => [
          'ReplaceOrder',
          { orderId, quantity: Math.max(1, quantity - 1) },
        ]);
    }
  }

  /** Asks a process of execution for a kill or its lifting. */
  async #switch(ports: SimPorts, operation: Extract<Operation, { kind: 'kill' | 'unkill' }>) {
    const execution = ports.network.connect<SwitchRequests>('execution');
    const head = { accountId: ACCOUNT_ID, actor: 'operator' };
    if (operation.kind === 'unkill') return await execution.unkill(head);
    const mode = WIRE_MODES[operation.mode];
    return await execution.kill({ ...head, mode, reason: 'drill', foreign: false });
  }

  async #onOne(
    ports: SimPorts,
    command: (order: Order) => readonly [string, Readonly<Record<string, unknown>>],
  ): Promise<void> {
    const working = [...this.#invariants.orders.values()].filter((one) => !isTerminal(one.state));
    if (working.length === 0) return;
    await this.#ask(ports, 'execution', ...command(this.#world.random.pick(working)));
  }

  /** Of an order that neither question nor event will ever tell of, a person reads at the broker that it never came there. */
  async #closeUntold(ports: SimPorts): Promise<void> {
    const { orders, truth } = this.#invariants;
    for (const { orderId, state } of orders.values()) {
      if (state !== 'unknown' || truth.exchange.order(orderId) !== undefined) continue;
      await this.#ask(ports, 'execution', 'ResolveOrder', { orderId, as: 'absent' });
    }
  }

  async #ask(
    ports: SimPorts,
    owner: string,
    kind: string,
    payload: Readonly<Record<string, unknown>>,
  ): Promise<void> {
    this.#asked += 1;
    const commandId = `operator-${this.#asked}`;
    if (kind === 'SetLimits') this.#invariants.approvals.ask(commandId, unitsOf(payload));
    const command: CommandRecord = {
      ...{ commandId, kind, payload: JSON.stringify(payload), actor: 'operator' },
      key: owner.startsWith('bot/') ? owner : `${owner}/${ACCOUNT_ID}`,
      createdAtUs: ports.clock.nowUs(),
      state: 'pending',
    };
    const { state, result } = await runCommand(ports, command, ANSWER_MS);
    this.#world.note(`${kind} of ${command.key} is ${state}: ${result}`);
  }
}

const unitsOf = (payload: Readonly<Record<string, unknown>>): number =>
  (payload.set as { readonly maxPositionUnits: number }).maxPositionUnits;

/** A person who gets no answer does something else. */
async function patiently(act: () => Promise<unknown>): Promise<void> {
  try {
    await act();
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
  }
}
