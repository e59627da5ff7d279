import type { FaultRates } from '@capstan/testkit/sim';
import type { WorldKind } from './world-kinds.ts';

/** One known way of getting it wrong: what to put where in the source. */
export interface Mutant {
  readonly name: string;
  /** What is wrong then, in words. */
  readonly wrong: string;
  /** Path of the module, from the root of the repository. */
  readonly module: string;
  /** Each text stands in the module exactly once. */
  readonly edits: readonly { readonly text: string; readonly by: string }[];
  /** The kind of world that shows it; `compared` unless told. */
  readonly world?: WorldKind;
  /** Faults that show it, where they are to strike more often than usual. */
  readonly rates?: Partial<FaultRates>;
}

const JOURNAL = 'packages/journal/src';
const EXECUTION = 'services/execution/src';
const RISK = 'services/risk/src';
const SIGNAL = 'services/signal/src';

/** Describes a mutant of one edit. */
function mutant(name: string, wrong: string, module: string, [text, by]: [string, string]): Mutant {
  return { name, wrong, module, edits: [{ text, by }] };
}

/** Describes a mutant that shows where owners stand still in the middle of what they do. */
const thawed = (...of: Parameters<typeof mutant>): Mutant => ({
  ...mutant(...of),
  world: 'thawed',
});

/** Describes a mutant that shows where people and the venue act. */
const operated = (...of: Parameters<typeof mutant>): Mutant => ({
  ...mutant(...of),
  world: 'operated',
});

/** Describes a mutant that shows where decisions grow old on their way. */
const live = (...of: Parameters<typeof mutant>): Mutant => ({
  ...mutant(...of),
  world: 'live',
});

/** Describes a mutant that shows where messages that belong together arrive in part. */
const torn = (...of: Parameters<typeof mutant>): Mutant => ({
  ...mutant(...of),
  rates: { publishTorn: 0.3 },
});

/** The known ways in which an order comes to be doubled, lost or more than allowed. */
export const MUTANTS: readonly Mutant[] = [
  mutant('no-dedupe', 'a repeated message is applied again', `${JOURNAL}/input.ts`, [
    'return from.sequence <= this.#session.applied(from.producer, message.subject);',
    'return false;',
  ]),
  torn('gap-passed-over', 'a missing message is not looked for', `${JOURNAL}/input.ts`, [
    'if (sequence <= after) return [];',
    'if (sequence >= 0) return [];',
  ]),
  torn(
    'slice-overtakes-ends',
    'a matched slice is told before the ends of orders that it includes',
    `${JOURNAL}/session.ts`,
    [
      'const before = draft.after === undefined ? undefined : this.#tails.get(draft.after);',
      'const before: number | undefined = undefined;',
    ],
  ),
  mutant(
    'venue-gap-passed-over',
    'a lost event of the venue is not missed',
    `${EXECUTION}/handlers/venue-updates.ts`,
    [
      'if (numbersEvents && event.sequence > state.venueSequence + 1) {',
      'if (numbersEvents && event.sequence < 0) {',
    ],
  ),
  {
    name: 'position-before-commit',
    wrong: 'the position is stored before what the message led to',
    module: `${JOURNAL}/session.ts`,
    edits: [
      {
        text: 'const write = (): Promise<void> =>\n',
        by:
          'await this.#store.commit({ fence: this.#lease.fence, positions: [...positions, ...sourcePositions], applied });\n' +
          '    const write = (): Promise<void> =>\n',
      },
      {
        text: '        positions: [...positions, ...sourcePositions],\n        applied,\n',
        by: '',
      },
    ],
  },
  {
    name: 'published-before-commit',
    wrong: 'messages go out before their step is written',
    module: `${JOURNAL}/session.ts`,
    edits: [
      {
        text: 'const write = (): Promise<void> =>\n',
        by: 'this.#publisher.enqueue(outbox);\n    const write = (): Promise<void> =>\n',
      },
      { text: 'write);\n    this.#publisher.enqueue(outbox);', by: 'write);' },
    ],
  },
  mutant(
    'outbox-forgotten',
    'a new owner does not publish what its predecessor did not',
    `${JOURNAL}/owner.ts`,
    ['await this.#republish(publisher, record);', ''],
  ),
  mutant('publish-once', 'what could not be published is dropped', `${JOURNAL}/publisher.ts`, [
    'await this.#ports.bus.publish(batch.map(outgoing));',
    'await this.#ports.bus.publish(batch.map(outgoing)).catch(() => undefined);',
  ]),
  mutant(
    'crossed-and-sent',
    'orders that fill each other are sent as well',
    `${EXECUTION}/handlers/approved-slice.ts`,
    ['if (done.has(terms.orderId)) continue;', ''],
  ),
  mutant(
    'crossed-on-one-side',
    'one of two orders that fill each other is not filled',
    `${EXECUTION}/handlers/cross-orders.ts`,
    ['for (const terms of [buy, sell])', 'for (const terms of [buy])'],
  ),
  mutant(
    'crossed-under-exits',
    'what exits at the venue protect is crossed away',
    'packages/engine/src/slice-crossing.ts',
    ['if (positionQuantity !== 0 && exits.has({ botId, symbol })) return false;', ''],
  ),
  mutant('timeout-is-rejection', 'no answer is taken for a rejection', `${EXECUTION}/decide.ts`, [
    "return { kind: 'timeout', reason: outcome.why };",
    "return { kind: 'reject', reason: outcome.why };",
  ]),
  mutant('absent-is-lost', 'what the venue does not have is given up', `${EXECUTION}/decide.ts`, [
    "if (mayResend) return { kind: 'resend' };\n  if (sinceSentMs < absenceMsMin) return { kind: 'wait' };",
    '',
  ]),
  mutant(
    'unknown-forgotten',
    'a slice is done while an order of it is unknown',
    `${EXECUTION}/handlers/send-and-commit.ts`,
    ['if (waits || inHand', 'if (inHand'],
  ),
  mutant(
    'cancel-unclear-is-done',
    'a cancel without an answer is taken for one',
    `${EXECUTION}/handlers/wanted-cancels.ts`,
    ["if (answer === undefined || answer.kind === 'unclear') return;", ''],
  ),
  mutant(
    'fills-without-number',
    'fills are written without the number of the next',
    `${EXECUTION}/effects.ts`,
    ['    state: state.encode(),\n    ...(moved', '    ...(moved'],
  ),
  mutant(
    'venue-position-kept-apart',
    "the venue's events are taken without their position",
    `${EXECUTION}/effects.ts`,
    ['...(moved\n', '...(!moved\n'],
  ),
  mutant(
    'reservation-released-early',
    'an order of which nobody knows gives its reservation back',
    `${RISK}/risk-account.ts`,
    [
      'for (const order of orders) this.#core.applyOrder(order);',
      "for (const order of orders)\n      this.#core.applyOrder(order.state === 'filled' ? order : { ...order, state: 'cancelled' });",
    ],
  ),
  mutant('reservation-not-stored', 'reservations live in memory', `${RISK}/risk-account.ts`, [
    '      reservations,\n      ledgerPositions',
    '      ledgerPositions',
  ]),
  mutant('ledger-not-stored', 'positions live in memory', `${RISK}/risk-account.ts`, [
    'ledgerPositions: positions,',
    '',
  ]),
  mutant(
    'checkpoint-without-rest',
    'a bot goes on from its checkpoint without what it has decided since',
    `${SIGNAL}/bot-owner.ts`,
    [
      'const since = { afterUs: checkpoint.sliceEndUs, throughUs };',
      'const since = { afterUs: throughUs, throughUs };',
    ],
  ),
  mutant(
    'slice-overtakes-fills',
    'risk decides before the venue is through with the slice',
    `${RISK}/decide.ts`,
    ['if (asks && venueReportsSlices && venueThroughUs < sliceEndUs) continue;', ''],
  ),
  mutant(
    'slice-without-all-bots',
    'risk decides before every bot has spoken',
    `${RISK}/decide.ts`,
    ['(bot.throughUs ?? -1) < sliceEndUs)', '(bot.throughUs ?? -1) < 0)'],
  ),
  thawed('no-fence', 'a predecessor may write', 'packages/testkit/src/memory/memory-owners.ts', [
    'if (owner === undefined || !mine) throw',
    'if (owner === undefined || (!mine && false)) throw',
  ]),
  operated(
    'resend-on-timeout',
    'an order is sent again to a venue that takes an id twice',
    `${EXECUTION}/decide.ts`,
    ['capabilities.enforcesClientOrderId && nowUs', 'nowUs'],
  ),
  {
    name: 'one-absence-is-proof',
    wrong: 'what the venue does not show at once counts as never taken',
    world: 'operated',
    module: `${EXECUTION}/decide.ts`,
    edits: [
      { text: "if (sinceSentMs < capabilities.visibilityMs) return { kind: 'wait' };", by: '' },
      { text: "if (sinceSentMs < absenceMsMin) return { kind: 'wait' };", by: '' },
    ],
  },
  operated('closed-twice', 'what is being closed is closed beside that', `${EXECUTION}/decide.ts`, [
    'if (view.isClosing(order)) {',
    'if (order.quantity < 0) {',
  ]),
  live('expiry-not-asked', 'an expired decision is sent', `${EXECUTION}/decide.ts`, [
    'if (nowUs <= expiresAtUs) return undefined;\n  const reason = `the decision',
    'if (nowUs > 0) return undefined;\n  const reason = `the decision',
  ]),
  live('expiry-asked-once', 'a decision may expire before its turn', `${EXECUTION}/effects.ts`, [
    'return (order) => refusal(order) ?? ageRefusal(order, clock.nowUs());',
    'return refusal;',
  ]),
  thawed('lease-not-asked', 'who was frozen sends on', `${EXECUTION}/effects.ts`, [
    'sending.leaseLost ||= !session.held();',
    '',
  ]),
  operated('kill-not-asked', 'what adds is sent under a kill', `${EXECUTION}/decide.ts`, [
    "if (killSwitch.mode === 'off' || flattens) return false;",
    'if (killSwitch !== undefined || flattens) return false;',
  ]),
  operated('limits-not-live', 'limits that people set hold later', `${RISK}/risk-account.ts`, [
    'this.#core.setLimits(taken.limits);',
    '',
  ]),
  operated(
    'bust-ignored',
    "the venue's later word is passed over",
    `${EXECUTION}/handlers/venue-updates.ts`,
    [
      "case 'busted':\n    case 'corrected':\n      return await takeCorrection(account, taking, order, event);",
      "case 'busted':\n    case 'corrected':\n      return;",
    ],
  ),
  operated(
    'cash-booked-twice',
    'a dividend is booked again',
    `${EXECUTION}/handlers/book-activity.ts`,
    [
      'if (await ports.store.isBooked(settings.accountId, activityId)) {',
      'if (settings.accountId === activityId) {',
    ],
  ),
  operated(
    'dividend-to-house',
    'a dividend goes to none of those who held the shares',
    `${EXECUTION}/handlers/book-activity.ts`,
    ['const held = holdersAt(entries, instrument, follows);', 'const held = new Map();'],
  ),
  operated(
    'drop-not-recovered',
    'a fill that the stream dropped is never read',
    `${EXECUTION}/handlers/commands.ts`,
    ['await account.readVenueAgain();', ''],
  ),
  operated(
    'drift-not-told',
    'ledger and broker are not compared',
    'services/position-sync/src/compare.ts',
    [
      'return found.filter((one) => one.ledger !== one.broker);',
      'return found.filter((one) => one.ledger === one.broker && one.ledger < 0);',
    ],
  ),
];
