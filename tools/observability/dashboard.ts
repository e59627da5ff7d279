/** One line, or set of lines, of a panel. */
export interface Query {
  /** PromQL, in which `$w` stands for the selection by all variables of the dashboard, `$n` for that by namespace. */
  readonly expr: string;
  /** What a line is called: `{{label}}` is its label. */
  readonly legend?: string;
}

/** From which value on a panel has which colour; the first has no value. */
export type Thresholds = readonly (readonly [from: number | undefined, colour: Colour])[];
export type Colour = 'green' | 'yellow' | 'orange' | 'red' | 'blue' | 'text';

export interface Panel {
  readonly title: string;
  /** What is seen, and what a person makes of it. */
  readonly about: string;
  /** `lines` over time unless told. */
  readonly kind?: 'lines' | 'stack' | 'stat';
  readonly queries: readonly Query[];
  /** A unit of Grafana's, such as `s`, `percentunit`, `ops`. */
  readonly unit: string;
  readonly decimals?: number;
  readonly thresholds?: Thresholds;
  /** Names of values: `{ 0: 'off' }`. */
  readonly names?: Readonly<Record<number, string>>;
  /** Columns of 24; as the row's others unless told. */
  readonly width?: number;
  readonly height?: number;
  /** Lead from a line to the trace of one of its values. */
  readonly exemplars?: true;
  /** Names of alerts whose runbooks belong to what is seen. */
  readonly alerts?: readonly string[];
}

export interface Row {
  readonly title: string;
  /** Of each panel that does not say otherwise. */
  readonly width: number;
  readonly height: number;
  readonly panels: readonly Panel[];
  /** Shown when somebody opens it. */
  readonly isClosed?: true;
}

/** A choice at the head of a dashboard. */
export interface Variable {
  readonly name: string;
  readonly label: string;
  /** The series whose label is chosen from. */
  readonly of: string;
}

export interface Dashboard {
  /** Also the file's name. */
  readonly uid: string;
  readonly title: string;
  readonly about: string;
  readonly variables: readonly Variable[];
  readonly rows: readonly Row[];
  /** Metrics of programs that are not ours: their panels are empty without that exporter. */
  readonly needs?: string;
}

/** Selects by the namespace, which is empty where there is no cluster, and by variables of the dashboard. */
export function selection(variables: readonly Variable[]): string {
  return ['namespace', ...variables.map(({ name }) => name)]
    .map((name) => `${name}=~"$${name}"`)
    .join(',');
}
