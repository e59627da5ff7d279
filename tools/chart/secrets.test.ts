import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CHART } from './helm.ts';
import { type Rendered, refusalOf, renderChart } from './render-chart.ts';
import { withExternal } from './rendered.test-support.ts';

const CANARY = 'canary-7f3a';
const BOT = { botId: 'b', accountId: 'a', feed: 'f', strategy: 's', symbols: ['SPY'] };
const IN_URL = `https://user:${CANARY}@example.com/x`;

/** Every text of Secrets that the chart makes, and how else it may be written. */
function secretTexts(objects: readonly Rendered[]): string[] {
  const texts = objects
    .filter(({ kind }) => kind === 'Secret')
    .flatMap(({ stringData = {} }) => Object.values(stringData as Record<string, string>));
  return texts.flatMap((text) => [text, Buffer.from(text).toString('base64')]);
}

describe('a secret', () => {
  test('stands in Secrets alone, in everything that the files of ci render', () => {
    const files = readdirSync(join(CHART, 'ci')).map((name) => `ci/${name}`);
    let made = 0;
    for (const file of files) {
      const objects = renderChart({ files: [file] });
      const others = JSON.stringify(objects.filter(({ kind }) => kind !== 'Secret'));
      const texts = secretTexts(objects);
      made += texts.length;
      expect([file, texts.filter((text) => others.includes(text))]).toEqual([file, []]);
    }
    expect(made).toBeGreaterThan(10);
  });

  test.each<[where: string, values: object, words: RegExp]>([
    [
      'the address of PostgreSQL',
      { externalDatabase: { url: `postgresql://u:${CANARY}@db/c`, existingSecret: 'x' } },
      /externalDatabase\.url holds a password: .* externalDatabase\.existingSecret/,
    ],
    [
      'what follows that address',
      { externalDatabase: { url: `postgresql://u@db/c?password=${CANARY}`, existingSecret: 'x' } },
      /externalDatabase\.url holds a password/,
    ],
    [
      'the address of NATS',
      { externalNats: { url: `nats://${CANARY}@nats:4222` } },
      /externalNats\.url holds what services prove themselves with: .* externalNats\.existingSecret/,
    ],
    [
      'any address of the configuration',
      { config: { telemetry: { otlpEndpoint: IN_URL } } },
      /config\.telemetry\.otlpEndpoint holds a password.* valueFrom\.secretKeyRef/,
    ],
    [
      'a list of the configuration',
      { config: { bots: [{ ...BOT, params: { from: IN_URL } }] } },
      /config\.bots\[0\]\.params\.from holds a password, and would stand in a ConfigMap/,
    ],
    [
      'the configuration’s own keys of secrets',
      { config: { nats: { password: CANARY }, postgres: { password: CANARY } } },
      /config\.nats\.password is a secret[\s\S]*config\.postgres\.password is a secret/,
    ],
    [
      'a variable by its name',
      { services: { execution: { env: { ALPACA_SECRET_KEY: CANARY } } } },
      /services\.execution\.env\.ALPACA_SECRET_KEY holds a secret in the open/,
    ],
    [
      'a variable by what it is',
      { services: { risk: { env: { HTTPS_PROXY: IN_URL } } } },
      /services\.risk\.env\.HTTPS_PROXY holds a password in the open/,
    ],
    [
      'an argument',
      { services: { risk: { args: ['--x', IN_URL] } } },
      /services\.risk\.args\[1\] holds a password in the open/,
    ],
  ])('is refused in %s, and not repeated', (_where, values, words) => {
    const said = refusalOf(withExternal(values as Record<string, unknown>));
    expect(said).toMatch(words);
    expect(said).not.toContain(CANARY);
  });
});
