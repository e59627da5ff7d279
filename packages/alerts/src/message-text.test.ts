import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { mailOf, slackBody, telegramBody, webhookBody } from './channel-body.ts';
import { LIMITS } from './limits.ts';
import { messageText, messageTitle } from './message-text.ts';
import { anyAlert, told } from './test-alerts.ts';

const SENDER = { runId: 'demo' };
const anyTold = anyAlert.chain((alert) =>
  fc.record({
    sequence: fc.nat(),
    count: fc.integer({ min: 1, max: 99 }),
    kind: fc.constant(alert.kind),
    level: fc.constant(alert.level),
    key: fc.constant(alert.key),
    title: fc.string({ unit: 'binary', maxLength: LIMITS.titleLengthMax }),
    text: fc.string({ unit: 'binary', maxLength: LIMITS.textLengthMax }),
    atUs: fc.constant(alert.atUs),
  }),
);
const anyMessage = fc.array(anyTold, { minLength: 1, maxLength: LIMITS.batchMax });

describe('a message', () => {
  it('of one alert has its title and its text', () => {
    expect(messageText([told({ level: 'critical' })], SENDER)).toBe(
      '[critical] Capstan demo: SPY differs\nLook at it.',
    );
  });

  it('says how many it stands for', () => {
    expect(messageTitle([told({ count: 15 })], SENDER)).toBe(
      '[warning] Capstan demo: SPY differs (and 14 more)',
    );
  });

  it('of several has the gravest level and a line for each', () => {
    const several = [told({ text: '' }), told({ level: 'critical', title: 'kill', count: 2 })];
    expect(messageText(several, SENDER)).toBe(
      '[critical] Capstan demo: 2 alerts\n- [warning] SPY differs\n- [critical] kill (and 1 more). Look at it.',
    );
  });

  test('is as short as every channel takes, and its title is one line', () => {
    fc.assert(
      fc.property(anyMessage, (alerts) => {
        expect(messageText(alerts, SENDER).length).toBeLessThanOrEqual(LIMITS.messageLengthMax);
        expect(mailOf(alerts, SENDER).subject).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}]/u);
      }),
      { numRuns: 30 },
    );
  });
});

describe('what a channel is sent', () => {
  it('mentions nobody and links nowhere in Slack', () => {
    const body = slackBody([told({ title: '<!channel> & <http://x|y>' })], SENDER);
    const { text } = JSON.parse(body) as { text: string };
    expect(text).toContain('&lt;!channel&gt; &amp; &lt;http://x|y&gt;');
    fc.assert(
      fc.property(anyMessage, (alerts) => {
        const { text: any } = JSON.parse(slackBody(alerts, SENDER)) as { text: string };
        expect(any).not.toMatch(/[<>]|&(?!amp;|lt;|gt;)/);
      }),
    );
  });

  it('is plain text in Telegram, and silent where it is only good to know', () => {
    const mild = JSON.parse(telegramBody('42', [told({ level: 'info', text: '' })], SENDER));
    expect(mild).toEqual({
      chat_id: '42',
      text: '[info] Capstan demo: SPY differs',
      disable_notification: true,
      link_preview_options: { is_disabled: true },
    });
    const grave = [told({ level: 'info' }), told()];
    expect(JSON.parse(telegramBody('42', grave, SENDER))).toMatchObject({
      disable_notification: false,
    });
  });

  it('is the alerts themselves for a webhook', () => {
    const alerts = [told({ sequence: 7 })];
    expect(JSON.parse(webhookBody(alerts, SENDER))).toEqual({
      source: 'capstan',
      runId: 'demo',
      alerts,
    });
  });
});
