/** Series of a made-up hour, as promtool writes them: a name with labels, and a value a minute. */
export interface Example {
  readonly series: Readonly<Record<string, string>>;
  /** When it is looked, in minutes. */
  readonly atMinutes: number;
  /** Labels of what fires, beside the severity. */
  readonly labels: Readonly<Record<string, string>>;
  /** The summary as a person reads it then. */
  readonly says: string;
}

/** A rule by which Prometheus tells somebody. */
export interface Alert {
  readonly name: string;
  /** Critical: money is at risk, or nothing is traded that should be; somebody is to get up. */
  readonly severity: 'critical' | 'warning';
  /** How long it must be so. */
  readonly for: string;
  /** What is measured: PromQL that has an answer also when all is well. */
  readonly value: string;
  /** What must hold of it, such as `> 0`; nothing where it is `unless` something. */
  readonly holds: string;
  /** One line, in which `$labels.x` and `$value` may stand as Prometheus' templates have them. */
  readonly summary: string;
  /** What makes it fire, and that one minute before its time it does not. */
  readonly fires: Example;
  /** What is near to it and must not make it fire. */
  readonly quiet: Readonly<Record<string, string>>;
}

export interface AlertGroup {
  /** Also the file's name. */
  readonly name: string;
  readonly about: string;
  readonly alerts: readonly Alert[];
}

/** Returns a rule's expression. */
export function expressionOf({ value, holds }: Alert): string {
  return `${value} ${holds}`;
}
