import { assert } from '@capstan/domain';

/** Bounds and periods of this service. */
export const LIMITS = {
  /** Calls to a venue at once. */
  concurrencyMax: 64,
  /** How soon what is unresolved is looked at again, at first and at most. */
  retryFirstMs: 250,
  retryMaxMs: 4_000,
  /** An absent order counts as never taken only so long after its last send, however soon the venue shows orders. */
  absenceMsMin: 1_000,
  /** How long flattening waits for the end of an order that was given up and came back; then it leaves to it what it may close. */
  returnedWaitMs: 30_000,
  /** How long after a round of flattening that did not end flat the next one begins, at first and at most. */
  flattenFirstMs: 1_000,
  flattenMaxMs: 30_000,
  /** Ended orders kept in memory for the venue's late words. */
  endedMax: 1_024,
  /** Execution ids kept to recognise a repeated one. */
  executionsMax: 1_024,
  /** Slices whose trace is kept for the fills of their orders. */
  tracesMax: 256,
  /** Busts and corrections kept until the execution that they speak of is told. */
  earlyWordsMax: 1_024,
  /** How old a close may be, in minutes, by which an unfilled order gets another price. */
  markMinutesMax: 15,
  /** Bars read at once for the exits that are watched here: more than there are symbols. */
  guardBarsMax: 10_000,
  /** How soon exits that did not come to stand at a venue are placed there again, at first and at most. */
  protectAgainUs: 60_000_000,
  protectAgainUsMax: 3_600_000_000,
  /** How many times in a row exits come not to stand before people are told. */
  triesTold: 2,
  /** How soon a broker is looked at again whose count has changed as by a split, and how far back a last price may be. */
  lookAgainUs: 15_000_000,
  lookBackUs: 31_622_400_000_000,
  /** How long after a session's close what was seen of its broker still stands: exits that end with the day are placed anew. */
  lookStandsUs: 3_600_000_000,
  /** What the attempts of exits that are placed later are apart: an intent has fewer orders. */
  attemptsApart: 1_000,
  /** Orders read at the start: more than these cannot be working at once. */
  workingMax: 20_000,
  /** Fill entries of one order. */
  fillsOfOrderMax: 100_000,
  /** Fills of a symbol, by which who held it is found. */
  symbolEntriesMax: 200_000,
  /** How long a venue's next events are waited for where those that were taken are read again: nothing else goes on meanwhile. */
  toldAgainMsMax: 2_000,
  /** Rows of an answer unless told, and at most. */
  rows: 100,
  rowsMax: 1_000,
  commandTimeoutMs: 5_000,
  /** How often a venue is asked how its clock and its symbols stand. */
  conditionsEveryMs: 5_000,
  /** How long the answer to a kill waits for its being stored and audited; both go on by themselves. */
  storeWaitMs: 300,
  /** Audit rows that wait for the store. */
  auditWaitingMax: 1_000,
} as const;

assert(LIMITS.retryFirstMs <= LIMITS.retryMaxMs, 'back-off grows');
assert(LIMITS.protectAgainUs <= LIMITS.protectAgainUsMax, 'waits for protection grow');
assert(LIMITS.rows <= LIMITS.rowsMax, 'the usual number of rows is allowed');
