import type { TimeUs } from '@capstan/domain';

/** In what live and a replay differ. */
export const DIFFERENCE_KINDS = [
  'signal',
  'sizing',
  'denial',
  'order',
  'timing',
  'price',
  'fill',
  'fee',
] as const;
export type DifferenceKind = (typeof DIFFERENCE_KINDS)[number];

/** What led to a difference, with what that means to people. */
export const DIFFERENCE_CAUSES = {
  unexplained: 'nothing in the journal says why',
  'late bar': 'a bar came after its slice was closed; the replay knows it in time',
  restart: 'the bot began anew from history; the replay never stopped',
  crash: 'the bot crashed at this slice, and the replay did not',
  stop: 'an operator stopped the bot or the platform, and its rule closed what was open',
  'late slice': "a bot's word came after its slice was decided",
  kill: 'the kill switch was thrown',
  breaker: "the account's breaker was open",
  drift: 'ledger and broker differed',
  clock: "our clock and the market's were apart",
  age: 'the decision was too old when its turn came',
  access: "the venue did not take the account's keys",
  'stale data': 'the last price was too old',
  hold: 'an order of the symbol was unknown',
  'being closed': 'what the bot held was being closed by orders of their own',
  uncrossed: "another bot's order, by which it was to be filled, was not let out",
  capability: 'the venue does not take such orders',
  'dry run': 'this installation sends nothing',
  'sent late': 'the order went out after a later slice had been matched',
  operator: 'a person, or the kill switch, asked for it',
  protection: 'an exit was watched and sent by execution',
  unfilled: 'the rule for unfilled orders acted',
  foreign: 'somebody else trades on the account',
  outage: 'the venue never took the order',
  correction: 'the venue took a fill back or corrected it',
  venue: 'a venue is not the model of one',
} as const;
export type DifferenceCause = keyof typeof DIFFERENCE_CAUSES;

/** One thing that live did and a replay of the same inputs did not, or did otherwise. */
export interface Difference {
  /** Event time: of the slice, or of the fill. */
  readonly atUs: TimeUs;
  readonly accountId: string;
  readonly botId: string;
  readonly symbol: string;
  /** Absent where it is about no order. */
  readonly orderId?: string;
  readonly kind: DifferenceKind;
  readonly cause: DifferenceCause;
  /** What live did, in words. */
  readonly live: string;
  /** What the replay did, in words. */
  readonly replay: string;
  /** What is known of the cause, in words. */
  readonly why?: string;
}

/** Tells whether nobody knows why live and replay differ. */
export const isUnexplained = ({ cause }: Difference): boolean => cause === 'unexplained';

/** What is said where one of the two did nothing. */
export const NOTHING = 'nothing';
