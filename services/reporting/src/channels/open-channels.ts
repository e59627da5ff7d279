import { readFileSync } from 'node:fs';
import { rootCertificates } from 'node:tls';
import { type Sender, slackBody, telegramBody, webhookBody } from '@capstan/alerts';
import { AppError } from '@capstan/domain';
import {
  type AlertChannelConfig,
  channelSecret,
  type EmailChannelConfig,
  type Environment,
  Secret,
} from '@capstan/runtime';
import type { ChannelSender } from '../alerts/channel-sender.ts';
import { HttpSender } from './http-sender.ts';
import { MailSender } from './mail-sender.ts';

/**
 * Opens the channels that a configuration names, with their secrets.
 * @throws CONFIG.SECRET, CONFIG.INVALID without a secret in it.
 */
export function openChannels(
  channels: readonly AlertChannelConfig[],
  sender: Sender,
  environment: Environment,
): readonly ChannelSender[] {
  return channels.map((channel) => openChannel(channel, sender, environment));
}

function openChannel(
  config: AlertChannelConfig,
  sender: Sender,
  environment: Environment,
): ChannelSender {
  const { name: channel } = config;
  switch (config.kind) {
    case 'webhook':
      return new HttpSender({
        channel,
        url: addressOf(config, environment),
        body: (alerts) => webhookBody(alerts, sender),
        refusals: [400, 413, 422],
      });
    case 'slack':
      return new HttpSender({
        channel,
        url: addressOf(config, environment),
        body: (alerts) => slackBody(alerts, sender),
        refusals: [400, 413],
      });
    case 'telegram': {
      const token = channelSecret(config, environment);
      return new HttpSender({
        channel,
        url: new Secret(`${config.apiUrl.replace(/\/$/, '')}/bot${token.reveal()}/sendMessage`),
        body: (alerts) => telegramBody(config.chat, alerts, sender),
        // 400 also means that the chat is not there, which a person can mend.
        refusals: [413],
        waitSecondsIn: telegramWait,
      });
    }
    case 'email':
      return new MailSender({
        server: config,
        sender,
        password: channelSecret(config, environment),
        ...(config.caFile === undefined ? {} : { authorities: certificatesIn(config) }),
      });
  }
}

/** Reads a secret that is an address. */
function addressOf(
  channel: Extract<AlertChannelConfig, { readonly kind: 'webhook' | 'slack' }>,
  environment: Environment,
): Secret {
  const url = channelSecret(channel, environment);
  const protocol = URL.canParse(url.reveal()) ? new URL(url.reveal()).protocol : '';
  if (['http:', 'https:'].includes(protocol)) return url;
  throw new AppError({
    code: 'CONFIG.SECRET',
    why: `What the url of the channel ${channel.name} names is no http or https address.`,
    fix: 'Put the whole address there, such as https://hooks.slack.com/services/….',
  });
}

/** Reads the certificates that a mail server's may rest on. */
function certificatesIn({ name, caFile = '' }: EmailChannelConfig): readonly string[] {
  try {
    return [...rootCertificates, readFileSync(caFile, 'utf8')];
  } catch (cause) {
    throw new AppError({
      code: 'CONFIG.INVALID',
      why: `The file ${caFile}, which caFile of the channel ${name} names, cannot be read.`,
      fix: 'Put the certificates there, in PEM.',
      cause,
    });
  }
}

/** @source Bot API, ResponseParameters */
function telegramWait(body: unknown): unknown {
  const inner = (value: unknown, key: string): unknown =>
    typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
  return inner(inner(body, 'parameters'), 'retry_after');
}
