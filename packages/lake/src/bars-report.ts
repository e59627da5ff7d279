import { AppError, type Timeframe } from '@capstan/domain';
import {
  ANOMALIES,
  ANOMALY_KINDS,
  type AnomalyAction,
  type AnomalyExample,
  type AnomalyFinding,
  type AnomalyKind,
  type AnomalyRules,
  actionFor,
  actionsOf,
} from './anomaly.ts';
import type { Gaps } from './gaps.ts';
import { EXAMPLES_MAX } from './limits.ts';
import type { Adjustment, Alignment } from './series-key.ts';
import { timeText } from './time-text.ts';

/** What the validation of one series found and did. */
export interface BarsReport {
  readonly symbol: string;
  readonly timeframe: Timeframe;
  readonly alignment: Alignment;
  readonly adjustment: Adjustment;
  readonly rowsRead: number;
  readonly rowsKept: number;
  readonly rowsDropped: number;
  /** True where an anomaly is refused: then nothing of the series is used. */
  readonly refused: boolean;
  readonly firstStartUs?: number;
  readonly lastEndUs?: number;
  /** Those that were seen, in the order of `ANOMALY_KINDS`. */
  readonly anomalies: readonly AnomalyFinding[];
  /** What the calendar expected; absent where it cannot say. */
  readonly gaps?: Gaps;
  /** What a reader should know beside: stamps that were read as dates, bars that were cut to the session. */
  readonly notes: readonly string[];
}

/** Collects anomalies while rows are judged. */
export class AnomalyLog {
  readonly #rules: AnomalyRules;
  readonly #counts = new Map<AnomalyKind, number>();
  readonly #examples = new Map<AnomalyKind, AnomalyExample[]>();

  constructor(rules: AnomalyRules) {
    this.#rules = rules;
  }

  /** Notes anomalies of a kind. @returns what is to happen to the rows. */
  note(kind: AnomalyKind, example: () => AnomalyExample, count = 1): AnomalyAction {
    this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + count);
    const examples = this.#examples.get(kind) ?? [];
    if (examples.length < EXAMPLES_MAX) examples.push(example());
    this.#examples.set(kind, examples);
    return actionFor(kind, this.#rules);
  }

  findings(): readonly AnomalyFinding[] {
    return ANOMALY_KINDS.filter((kind) => this.#counts.has(kind)).map((kind) => ({
      kind,
      action: actionFor(kind, this.#rules),
      meaning: ANOMALIES[kind].meaning,
      count: this.#counts.get(kind) ?? 0,
      examples: this.#examples.get(kind) ?? [],
    }));
  }
}

/** Returns the anomalies for which a series is refused. */
export function refusals(report: BarsReport): readonly AnomalyFinding[] {
  return report.anomalies.filter((finding) => finding.action === 'refuse');
}

/** Says for what a file is refused, with the first place of each kind. */
export function refusedError(path: string, reports: readonly BarsReport[]): AppError {
  const told = reports.flatMap((report) =>
    refusals(report).map((finding) => refusalText(report, finding)),
  );
  const kinds = [...new Set(reports.flatMap((r) => refusals(r).map(({ kind }) => kind)))];
  const open = kinds.map(
    (kind) => `${kind}=${actionsOf(kind).find((action) => action !== 'refuse') ?? 'drop'}`,
  );
  return new AppError({
    code: 'LAKE.REFUSED',
    why: `${path}: ${told.slice(0, EXAMPLES_MAX).join('; ')}${told.length > EXAMPLES_MAX ? '; and more' : ''}.`,
    fix: `Correct the file, or say what to do with such rows (--on-anomaly ${open.join(' --on-anomaly ')}; in a run's configuration file.onAnomaly: [${open.join(', ')}]).`,
    details: { kinds: kinds.join(',') },
  });
}

function refusalText(report: BarsReport, finding: AnomalyFinding): string {
  const [first] = finding.examples;
  const places = [
    ...(first?.line === undefined ? [] : [`line ${first.line}`]),
    ...(first?.atUs === undefined ? [] : [timeText(first.atUs)]),
  ];
  const where = first === undefined ? '' : ` (first: ${places.join(', ')}: ${first.what})`;
  const rows = finding.count === 1 ? 'row' : 'rows';
  return `${report.symbol}: ${finding.count} ${rows} '${finding.kind}'${where}`;
}
