import { readFileSync } from 'node:fs';
import {
  ALERT_KINDS,
  ALERT_LEVELS,
  type AlertKind,
  KINDS_BY_DEFAULT,
  readQuietHours,
} from '@capstan/alerts';
import { AppError, TIME_ZONES } from '@capstan/domain';
import { z } from 'zod';
import type { Environment } from './config-source.ts';
import { Secret } from './secret.ts';

/** Where a secret is found: a file has no room for the secret itself. */
const secretPlace = () =>
  z
    .strictObject(
      {
        env: z.string().min(1).optional(),
        file: z.string().startsWith('/').optional(),
      },
      'say where it is: { env: NAME } or { file: /path }',
    )
    .refine(({ env, file }) => (env === undefined) !== (file === undefined), {
      message: 'say where it is: { env: NAME } or { file: /path }',
    })
    .meta({ secret: true });

const NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$/;

const route = {
  name: z.string().refine((name) => NAME.test(name), 'letters, digits, _ - and at most 32 of them'),
  minLevel: z.enum(ALERT_LEVELS).default('info'),
  kinds: z
    .array(z.enum(ALERT_KINDS))
    .min(1)
    .default((): AlertKind[] => [...KINDS_BY_DEFAULT]),
};

/** One plain address: no name, no list, nothing that could make a second header. */
const mailAddress = () =>
  z
    .string()
    .max(254)
    .refine((text) => /^[^\s@<>(),;:"]+@[^\s@<>(),;:"]+$/.test(text), 'one address, name@host');

const email = z
  .strictObject({
    ...route,
    kind: z.literal('email'),
    host: z.string().refine((text) => /^[\w.:-]+$/.test(text), 'the name of a mail server'),
    /** 587 with `starttls`, 465 with `implicit`, 25 with `none`, unless it says another. */
    port: z.int().min(1).max(65_535).optional(),
    tls: z.enum(['starttls', 'implicit', 'none']).default('starttls'),
    /** Certificates to trust beside the usual ones. */
    caFile: z.string().startsWith('/').optional(),
    user: z.string().min(1).optional(),
    password: secretPlace().optional(),
    from: mailAddress(),
    to: mailAddress(),
  })
  .superRefine(({ user, password, tls }, context) => {
    const problem = (key: string, message: string) =>
      context.addIssue({ code: 'custom', path: [key], message });
    if (user !== undefined && password === undefined) problem('password', 'belongs to `user`');
    if (user === undefined && password !== undefined) problem('user', 'belongs to `password`');
    if (password !== undefined && tls === 'none')
      problem('tls', 'a password is never sent unencrypted: say starttls or implicit');
  });

const channel = z.discriminatedUnion('kind', [
  z.strictObject({ ...route, kind: z.literal('webhook'), url: secretPlace() }),
  z.strictObject({ ...route, kind: z.literal('slack'), url: secretPlace() }),
  z.strictObject({
    ...route,
    kind: z.literal('telegram'),
    token: secretPlace(),
    chat: z.union([z.string().min(1), z.int()]).transform(String),
    /** Another server of the Bot API than Telegram's. */
    apiUrl: z.url({ protocol: /^https?$/ }).default('https://api.telegram.org'),
  }),
  email,
]);

const quietHours = z
  .strictObject({
    from: z.string().describe('Its clock when only what is critical is sent on, such as 22:00.'),
    to: z
      .string()
      .describe('Its clock when everything is again, and what has waited, such as 07:00.'),
    timeZone: z.enum(TIME_ZONES).describe('Whose clock.'),
  })
  .superRefine(({ from, to, timeZone }, context) => {
    const read = readQuietHours(from, to, timeZone);
    if (read.kind === 'problem')
      context.addIssue({ code: 'custom', path: [read.key], message: read.rule });
  });

/** Who is told what goes wrong, and when. */
export const alertsSection = z.strictObject({
  repeatMinutes: z
    .int()
    .min(1)
    .max(1_440)
    .default(15)
    .describe('For how long repeats of an alert are counted before they are told in one.'),
  unknownSeconds: z
    .int()
    .min(1)
    .max(3_600)
    .default(60)
    .describe('How long an order may be UNKNOWN before somebody is told.'),
  staleSeconds: z
    .int()
    .min(1)
    .max(86_400)
    .default(120)
    .describe('How long a feed may say nothing; three of its intervals where those are longer.'),
  quietHours: quietHours
    .optional()
    .describe('`from`, `to` and `timeZone`: what is not critical waits until they are over.'),
  channels: z
    .array(channel)
    .max(20)
    .superRefine((channels, context) => {
      const names = channels.map(({ name }) => name);
      names.forEach((name, index) => {
        if (names.indexOf(name) !== index)
          context.addIssue({ code: 'custom', path: [index, 'name'], message: 'is there twice' });
      });
    })
    .default([])
    .describe(
      'Where alerts go: `name`, `kind` (webhook, slack, telegram, email), `minLevel`, `kinds`, and where its secret is, as { env: NAME } or { file: /path }.',
    ),
});

export type AlertsConfig = z.output<typeof alertsSection>;
export type AlertChannelConfig = AlertsConfig['channels'][number];
export type EmailChannelConfig = Extract<AlertChannelConfig, { readonly kind: 'email' }>;
export type SecretPlace = z.output<ReturnType<typeof secretPlace>>;

/** Tries whether every channel's secret is where the configuration says. @throws CONFIG.SECRET */
export function checkAlertSecrets({ channels }: AlertsConfig, environment: Environment): void {
  for (const channel of channels) channelSecret(channel, environment);
}

/**
 * Reads the secret of a channel: its address, its token, or its password.
 * @returns `undefined` for a mail server that wants none.
 * @throws CONFIG.SECRET without the secret in it.
 */
export function channelSecret(
  channel: Exclude<AlertChannelConfig, EmailChannelConfig>,
  environment: Environment,
): Secret;
export function channelSecret(
  channel: AlertChannelConfig,
  environment: Environment,
): Secret | undefined;
export function channelSecret(
  channel: AlertChannelConfig,
  environment: Environment,
): Secret | undefined {
  const { name } = channel;
  switch (channel.kind) {
    case 'telegram':
      return readSecret(`token of the channel ${name}`, channel.token, environment);
    case 'email':
      return channel.password === undefined
        ? undefined
        : readSecret(`password of the channel ${name}`, channel.password, environment);
    default:
      return readSecret(`url of the channel ${name}`, channel.url, environment);
  }
}

/**
 * Reads a secret from where it is.
 * @param what for messages: which key of which channel.
 * @throws CONFIG.SECRET without the secret in it.
 */
export function readSecret(what: string, place: SecretPlace, environment: Environment): Secret {
  const { env, file } = place;
  const text = file === undefined ? environment[env ?? ''] : fileText(file);
  if (text !== undefined && text.trim() !== '') return new Secret(text.trim());
  const where = file === undefined ? `The environment variable ${env}` : `The file ${file}`;
  throw new AppError({
    code: 'CONFIG.SECRET',
    why: `${where}, which ${what} names, ${text === undefined ? 'is not there' : 'is empty'}.`,
    fix: 'Put the secret there, or take the channel out of `alerts.channels`.',
  });
}

function fileText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
