import { ALERT_KINDS, type Alert, type AlertKind, type AlertLevel, isAtLeast } from './alert.ts';

/** Which alerts a channel is told. */
export interface Route {
  readonly channel: string;
  readonly minLevel: AlertLevel;
  readonly kinds: readonly AlertKind[];
}

/** What a channel is told that names no kinds: fills are for those who ask for them. */
export const KINDS_BY_DEFAULT: readonly AlertKind[] = ALERT_KINDS.filter((kind) => kind !== 'fill');

/** Tells whether an alert goes to a channel. */
export function isRouted({ minLevel, kinds }: Route, alert: Pick<Alert, 'kind' | 'level'>) {
  return kinds.some((kind) => kind === alert.kind) && isAtLeast(alert.level, minLevel);
}
