import type { ToldAlert } from './alert.ts';
import { messageText, messageTitle, type Sender } from './message-text.ts';

/**
 * Returns what a webhook is sent: the alerts as they are, each with its sequence, by which a receiver can tell one that comes
 * twice.
 */
export function webhookBody(alerts: readonly ToldAlert[], sender: Sender): string {
  return JSON.stringify({ source: 'capstan', runId: sender.runId, alerts });
}

/** Returns what a Slack incoming webhook is sent. Names and reasons come from outside: they mention nobody and link nowhere. */
export function slackBody(alerts: readonly ToldAlert[], sender: Sender): string {
  const text = messageText(alerts, sender)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
  return JSON.stringify({ text, unfurl_links: false, unfurl_media: false });
}

/** Returns what the Bot API's `sendMessage` is sent: plain text, without a parse mode. What is only good to know is silent. */
export function telegramBody(chat: string, alerts: readonly ToldAlert[], sender: Sender): string {
  return JSON.stringify({
    chat_id: chat,
    text: messageText(alerts, sender),
    disable_notification: alerts.every(({ level }) => level === 'info'),
    link_preview_options: { is_disabled: true },
  });
}

/** An e-mail's subject and plain text. */
export interface Mail {
  readonly subject: string;
  readonly text: string;
}

export function mailOf(alerts: readonly ToldAlert[], sender: Sender): Mail {
  return { subject: messageTitle(alerts, sender), text: messageText(alerts, sender) };
}
