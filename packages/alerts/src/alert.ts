import type { TimeUs } from '@capstan/domain';

/** What an alert is about. */
export const ALERT_KINDS = [
  'kill',
  'breaker',
  'drift',
  'unknown',
  'crash',
  'stale',
  'token',
  'session',
  'fill',
] as const;
export type AlertKind = (typeof ALERT_KINDS)[number];

/** From what is good to know to what needs a person now. */
export const ALERT_LEVELS = ['info', 'warning', 'critical'] as const;
export type AlertLevel = (typeof ALERT_LEVELS)[number];

/** Something that people should know. */
export interface Alert {
  /** `test` is for channels that are tried, and goes to whom it is sent. */
  readonly kind: AlertKind | 'test';
  readonly level: AlertLevel;
  /** What repeats are recognised by. */
  readonly key: string;
  /** One line. */
  readonly title: string;
  /** What happened and what to do, in words. */
  readonly text: string;
  readonly atUs: TimeUs;
}

/** An alert that is told, with how many it stands for. */
export interface ToldAlert extends Alert {
  /** Counts up over all alerts of a book. */
  readonly sequence: number;
  /** Itself and the repeats that it speaks for; at least 1. */
  readonly count: number;
}

/** Tells whether a level is at least another. */
export function isAtLeast(level: AlertLevel, least: AlertLevel): boolean {
  return ALERT_LEVELS.indexOf(level) >= ALERT_LEVELS.indexOf(least);
}
