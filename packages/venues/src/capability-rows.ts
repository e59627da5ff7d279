import type { VenueCapabilities } from '@capstan/ports';

const yesNo = (is: boolean): string => (is ? 'yes' : 'no');
const list = (names: readonly string[]): string => (names.length === 0 ? 'none' : names.join(', '));

/** What of the capabilities people are shown, in their words. */
export const CAPABILITY_ROWS: readonly {
  readonly words: string;
  text(capabilities: VenueCapabilities): string;
}[] = [
  { words: 'order types', text: ({ orderTypes }) => list(orderTypes) },
  { words: 'times in force', text: ({ timesInForce }) => list(timesInForce) },
  { words: 'exits kept at the venue', text: ({ exits }) => list(exits) },
  {
    words: 'exits begin',
    text: ({ exits, exitsBegin }) => {
      if (exits.length === 0) return '–';
      return exitsBegin === 'eachFill' ? 'with each fill' : 'when the entry is filled whole';
    },
  },
  {
    words: 'exits hold what they protect',
    text: ({ exitsHold }) =>
      exitsHold ? 'yes: another closing order is refused until they have ended' : 'no',
  },
  {
    words: 'exits for what is held already',
    text: ({ exitsLater }) => yesNo(exitsLater),
  },
  { words: 'changes working orders', text: ({ replaces }) => yesNo(replaces) },
  {
    words: 'refuses a second order of an id',
    text: ({ enforcesClientOrderId }) => yesNo(enforcesClientOrderId),
  },
  {
    words: 'finds orders by our id',
    text: ({ findsByClientOrderId, visibilityMs }) => {
      if (!findsByClientOrderId) return 'no';
      return visibilityMs === 0 ? 'at once' : `within ${visibilityMs / 1_000} s`;
    },
  },
  {
    words: 'numbers its events',
    text: ({ numbersEvents }) =>
      numbersEvents ? 'yes' : 'no: what was missed is looked for, and told at least once',
  },
  { words: 'says when a slice is matched', text: ({ reportsSlices }) => yesNo(reportsSlices) },
  { words: 'orders in one call', text: ({ batchSubmitMax }) => String(batchSubmitMax) },
  {
    words: 'dividends, interest, transfers',
    text: ({ activities }) =>
      ({
        all: 'all since the account was opened',
        recent: 'from the first look on',
        none: 'none',
      })[activities],
  },
];
