import type { ToldAlert } from './alert.ts';
import { ALERT_LEVELS } from './alert.ts';
import { cut } from './alert-book.ts';
import { LIMITS } from './limits.ts';

/** Who says it: the name of the installation's run. */
export interface Sender {
  readonly runId: string;
}

/** Returns the one line that a message begins with, or is named by. */
export function messageTitle(alerts: readonly ToldAlert[], { runId }: Sender): string {
  const [first] = alerts;
  if (first === undefined) return `Capstan ${runId}`;
  const gravest = ALERT_LEVELS.findLast((level) => alerts.some((one) => one.level === level));
  const what = alerts.length === 1 ? titleOf(first) : `${alerts.length} alerts`;
  return oneLine(`[${gravest}] Capstan ${runId}: ${what}`);
}

/** Returns a message as plain text, at most as long as every channel takes. */
export function messageText(alerts: readonly ToldAlert[], sender: Sender): string {
  const title = messageTitle(alerts, sender);
  const [only] = alerts;
  const body =
    alerts.length === 1 && only !== undefined
      ? printable(only.text)
      : alerts.map((one) => `- [${one.level}] ${alertLine(one)}`).join('\n');
  return cut(body === '' ? title : `${title}\n${body}`, LIMITS.messageLengthMax);
}

/** Returns an alert in one line. */
export function alertLine(alert: ToldAlert): string {
  return oneLine(alert.text === '' ? titleOf(alert) : `${titleOf(alert)}. ${alert.text}`);
}

const titleOf = ({ title, count }: ToldAlert): string =>
  count === 1 ? title : `${title} (and ${count - 1} more)`;

/** Returns a text without line breaks and control characters, so that nothing can pass for a line of ours. */
const oneLine = (text: string): string => printable(text).replaceAll('\n', ' ');

const printable = (text: string): string =>
  text.replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, (character) => (character === '\n' ? '\n' : ' '));
