import { type Sender, slackBody, telegramBody, webhookBody } from '@capstan/alerts';
import { AppError } from '@capstan/domain';
import {
  type AlertChannelConfig,
  type Environment,
  readSecret,
  Secret,
  type SecretPlace,
} from '@capstan/runtime';
import type { ChannelSender } from '../alerts/channel-sender.ts';
import { HttpSender } from './http-sender.ts';

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
        url: urlIn(channel, config.url, environment),
        body: (alerts) => webhookBody(alerts, sender),
        refusals: [400, 413, 422],
      });
    case 'slack':
      return new HttpSender({
        channel,
        url: urlIn(channel, config.url, environment),
        body: (alerts) => slackBody(alerts, sender),
        refusals: [400, 413],
      });
    case 'telegram': {
      const token = readSecret(`token of the channel ${channel}`, config.token, environment);
      return new HttpSender({
        channel,
        url: new Secret(`${config.apiUrl.replace(/\/$/, '')}/bot${token.reveal()}/sendMessage`),
        body: (alerts) => telegramBody(config.chat, alerts, sender),
        // 400 also means that the chat is not there, which a person can mend.
        refusals: [413],
        waitSecondsIn: telegramWait,
      });
    }
  }
}

/** Reads a secret that is an address. */
function urlIn(channel: string, place: SecretPlace, environment: Environment): Secret {
  const url = readSecret(`url of the channel ${channel}`, place, environment);
  const protocol = URL.canParse(url.reveal()) ? new URL(url.reveal()).protocol : '';
  if (['http:', 'https:'].includes(protocol)) return url;
  throw new AppError({
    code: 'CONFIG.SECRET',
    why: `What the url of the channel ${channel} names is no http or https address.`,
    fix: 'Put the whole address there, such as https://hooks.slack.com/services/….',
  });
}

/** @source Bot API, ResponseParameters */
function telegramWait(body: unknown): unknown {
  const inner = (value: unknown, key: string): unknown =>
    typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
  return inner(inner(body, 'parameters'), 'retry_after');
}
