import { AppError } from '@capstan/domain';

/**
 * What happens to rows with an anomaly: `refuse` lets nothing of the file in, `drop` leaves the rows out and counts them, `keep`
 * lets them in as the meaning says. Whatever happens is in the report.
 */
export const ANOMALY_ACTIONS = ['refuse', 'drop', 'keep'] as const;
export type AnomalyAction = (typeof ANOMALY_ACTIONS)[number];

interface AnomalyRow {
  readonly meaning: string;
  /** What can be asked for; the first is the default. */
  readonly actions: readonly [AnomalyAction, ...AnomalyAction[]];
}

/** Every kind of anomaly, in the order of a report. */
export const ANOMALIES = {
  empty: {
    meaning: 'all prices and the volume are empty: the source has no bar',
    actions: ['drop', 'refuse'],
  },
  unsorted: {
    meaning: 'the row is older than the one before it; `keep` puts the rows in order of time',
    actions: ['refuse', 'keep', 'drop'],
  },
  repeated: {
    meaning: 'the row repeats an earlier one of its time in every number',
    actions: ['drop', 'refuse'],
  },
  conflicting: {
    meaning: 'the row has the time of an earlier one and other numbers; `drop` keeps the first',
    actions: ['refuse', 'drop'],
  },
  'price-sign': { meaning: 'a price is zero or below', actions: ['refuse', 'drop'] },
  ohlc: {
    meaning: 'open or close lies outside low and high, or high is below low',
    actions: ['refuse', 'drop'],
  },
  'volume-sign': { meaning: 'the volume is below zero', actions: ['refuse', 'drop'] },
  precision: {
    meaning: 'a price has more than nine decimals; `keep` rounds it to the nearest nano',
    actions: ['refuse', 'keep', 'drop'],
  },
  'no-session': {
    meaning: 'a daily bar is of a day on which the market was closed',
    actions: ['refuse', 'drop'],
  },
  'outside-session': {
    meaning: 'the bar lies outside the regular session',
    actions: ['keep', 'drop', 'refuse'],
  },
  straddling: {
    meaning: 'the bar lies across the open or the close of a session',
    actions: ['keep', 'drop', 'refuse'],
  },
  overlapping: {
    meaning: 'the bar begins before the one before it ends',
    actions: ['refuse', 'drop'],
  },
  'zero-volume': { meaning: 'the volume is zero', actions: ['keep', 'drop', 'refuse'] },
  'off-tick': {
    meaning: "a price is not on the instrument's tick",
    actions: ['keep', 'drop', 'refuse'],
  },
  jump: { meaning: 'the close is far from the one before it', actions: ['keep', 'refuse'] },
  spike: {
    meaning: 'the high or low lies far beyond open, close and the bars on both sides',
    actions: ['keep', 'refuse'],
  },
  gap: {
    meaning: 'the calendar expects bars that are not there',
    actions: ['keep', 'refuse'],
  },
} as const satisfies Readonly<Record<string, AnomalyRow>>;
export type AnomalyKind = keyof typeof ANOMALIES;

export const ANOMALY_KINDS = Object.keys(ANOMALIES) as readonly AnomalyKind[];

/** What to do with each kind; a kind left out has its default. */
export type AnomalyRules = Readonly<Partial<Record<AnomalyKind, AnomalyAction>>>;

/** Where an anomaly was seen. */
export interface AnomalyExample {
  /** Line of a text file, row of another, from 1; absent in a stored series. */
  readonly line?: number;
  /** Start of the bar, or the stamp where it has no span; absent where the row was not read that far. */
  readonly atUs?: number;
  readonly what: string;
}

/** One kind of anomaly in one series. */
export interface AnomalyFinding {
  readonly kind: AnomalyKind;
  readonly action: AnomalyAction;
  readonly meaning: string;
  /** Rows, or missing bars where the kind is `gap`. */
  readonly count: number;
  /** The first of them. */
  readonly examples: readonly AnomalyExample[];
}

/** Returns what happens to rows of a kind. */
export function actionFor(kind: AnomalyKind, rules: AnomalyRules): AnomalyAction {
  return rules[kind] ?? ANOMALIES[kind].actions[0];
}

/**
 * Reads a rule such as `ohlc=drop`, or an action alone for every kind that allows it.
 * @throws LAKE.RULE naming what exists.
 */
export function parseAnomalyRule(text: string): AnomalyRules {
  const [left = '', right] = text.split('=');
  const wantedKind = right === undefined ? undefined : left.trim();
  const wanted = (right ?? left).trim();
  const action = ANOMALY_ACTIONS.find((known) => known === wanted);
  if (action === undefined) {
    throw badRule(`'${wanted}' is no action`, `Use one of ${ANOMALY_ACTIONS.join(', ')}.`);
  }
  if (wantedKind === undefined) {
    const allowing = ANOMALY_KINDS.filter((kind) => actionsOf(kind).includes(action));
    return Object.fromEntries(allowing.map((kind) => [kind, action]));
  }
  const kind = ANOMALY_KINDS.find((known) => known === wantedKind);
  if (kind === undefined) {
    throw badRule(`'${wantedKind}' is no kind of anomaly`, `Known: ${ANOMALY_KINDS.join(', ')}.`);
  }
  if (!actionsOf(kind).includes(action)) {
    throw badRule(
      `rows that are '${kind}' cannot be handled by '${action}'`,
      `Use one of ${actionsOf(kind).join(', ')}: ${ANOMALIES[kind].meaning}.`,
    );
  }
  return { [kind]: action };
}

/** Returns the actions that a kind allows, the default first. */
export function actionsOf(kind: AnomalyKind): readonly AnomalyAction[] {
  return ANOMALIES[kind].actions;
}

function badRule(why: string, fix: string): AppError {
  return new AppError({ code: 'LAKE.RULE', why: `${why}.`, fix });
}
