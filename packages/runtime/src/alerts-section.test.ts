import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { alertsSection, checkAlertSecrets, readSecret } from './alerts-section.ts';
import { defineConfig, loadConfig } from './config.ts';

const schema = defineConfig({ alerts: alertsSection });
const MAIL = '{ name: a, kind: email, host: mail.example.com,';
const SECRET_URL = 'https://hooks.slack.com/services/T0/B0/verysecret';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'capstan-alerts-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function load(text: string) {
  const file = join(folder, 'capstan.yaml');
  writeFileSync(file, text);
  return loadConfig(schema, { file, environment: {} }).config.alerts;
}

test('nobody is told anything unless channels say so', () => {
  expect(load('{}')).toEqual({
    repeatMinutes: 15,
    unknownSeconds: 60,
    staleSeconds: 120,
    channels: [],
  });
});

test('a channel is told everything but fills unless it says more', () => {
  const [ops, phone] = load(`alerts:
  quietHours: { from: '22:00', to: '07:00', timeZone: Europe/Berlin }
  channels:
    - { name: ops, kind: slack, url: { env: SLACK_URL } }
    - { name: phone, kind: telegram, token: { file: /run/token }, chat: -42, minLevel: critical, kinds: [kill, fill] }
`).channels;
  expect(ops).toMatchObject({ minLevel: 'info', url: { env: 'SLACK_URL' } });
  expect(ops?.kinds).toContain('token');
  expect(ops?.kinds).not.toContain('fill');
  expect(phone).toMatchObject({ chat: '-42', kinds: ['kill', 'fill'], minLevel: 'critical' });
});

test.each([
  ['{ name: a, kind: slak, url: { env: X } }', /capstan.yaml:3.*kind/],
  ['{ name: a, kind: slack }', /url/],
  ['{ name: a, kind: slack, url: {} }', /say where it is: \{ env: NAME \} or \{ file: \/path \}/],
  ['{ name: a, kind: slack, url: { env: X, file: /x } }', /say where it is/],
  ['{ name: a, kind: slack, url: { env: X }, minLevel: grave }', /info.*warning.*critical/],
  ['{ name: a, kind: slack, url: { env: X }, kinds: [kil] }', /kinds/],
  ['{ name: a, kind: slack, url: { env: X }, minlevel: info }', /Did you mean 'minLevel'/],
  [`${MAIL} from: a, to: b@c }`, /from.*one address/],
  [`${MAIL} from: a@b, to: 'b@c, d@e' }`, /to.*one address/],
  [`${MAIL} from: a@b, to: c@d, user: x }`, /password.*belongs to `user`/],
  [`${MAIL} from: a@b, to: c@d, password: { env: X } }`, /user.*belongs to `password`/],
  [
    `${MAIL} from: a@b, to: c@d, user: x, password: { env: X }, tls: none }`,
    /tls.*never sent unencrypted/,
  ],
  ['{ name: a b, kind: slack, url: { env: X } }', /name.*letters/],
])('the channel %s is refused: %s', (channel, words) => {
  expect(() => load(`alerts:\n  channels:\n    - ${channel}\n`)).toThrow(words);
});

test('names that are there twice and hours that are none are refused with their key', () => {
  const one = '{ name: ops, kind: slack, url: { env: X } }';
  expect(() => load(`alerts: { channels: [${one}, ${one}] }`)).toThrow(
    /'alerts.channels.1.name' is "ops" \(is there twice\)/,
  );
  const hours = "{ from: '22:00', to: '25:00', timeZone: UTC }";
  expect(() => load(`alerts: { quietHours: ${hours} }`)).toThrow(/quietHours.to.*time of day/);
});

test('a secret in the file is refused and not shown', () => {
  const text = `alerts:\n  channels:\n    - { name: ops, kind: slack, url: '${SECRET_URL}' }\n`;
  expect(() => load(text)).toThrow(/alerts.channels.0.url/);
  expect(() => load(text)).not.toThrow(/verysecret/);
});

test('a secret is read from where it is, and never shown', () => {
  const file = join(folder, 'url');
  writeFileSync(file, `${SECRET_URL}\n`);
  const fromFile = readSecret('url of ops', { file }, {});
  expect(fromFile.reveal()).toBe(SECRET_URL);
  expect(JSON.stringify({ fromFile })).toBe('{"fromFile":"[redacted]"}');
  expect(readSecret('url of ops', { env: 'X' }, { X: SECRET_URL }).reveal()).toBe(SECRET_URL);
  expect(() => readSecret('url of ops', { env: 'X' }, {})).toThrow(
    'The environment variable X, which url of ops names, is not there.',
  );
  writeFileSync(file, ' \n');
  expect(() => readSecret('url of ops', { file }, {})).toThrow(/which url of ops names, is empty/);
});

test('secrets that are missing are told before anything starts', () => {
  const alerts = load(`alerts:
  channels:
    - { name: ops, kind: slack, url: { env: SLACK_URL } }
    - { name: phone, kind: telegram, token: { env: BOT_TOKEN }, chat: 1 }
    - ${MAIL} from: a@b, to: c@d, user: x, password: { env: MAIL_PASSWORD } }
    - ${MAIL.replace('name: a', 'name: b')} from: a@b, to: c@d }
`);
  expect(() => checkAlertSecrets(alerts, { SLACK_URL: SECRET_URL })).toThrow(
    'BOT_TOKEN, which token of the channel phone names, is not there',
  );
  expect(() => checkAlertSecrets(alerts, { BOT_TOKEN: '1' })).toThrow(/url of the channel ops/);
  expect(() => checkAlertSecrets(alerts, { SLACK_URL: SECRET_URL, BOT_TOKEN: '1' })).toThrow(
    'MAIL_PASSWORD, which password of the channel a names, is not there',
  );
  checkAlertSecrets(alerts, { SLACK_URL: SECRET_URL, BOT_TOKEN: '1', MAIL_PASSWORD: '2' });
});
