import type { ToldAlert } from '@capstan/alerts';
import { int64, type reportingService } from '@capstan/contracts';
import { AppError } from '@capstan/domain';
import type { Clock, Kv } from '@capstan/ports';
import { readStatus } from './alert-status.ts';
import type { ChannelSender } from './channel-sender.ts';

/** Answers what people ask about alerts, in any copy of the service. */
export class AlertAnswers {
  readonly #ports: { readonly kv: Kv; readonly clock: Clock };
  readonly #senders: readonly ChannelSender[];

  constructor(
    ports: { readonly kv: Kv; readonly clock: Clock },
    senders: readonly ChannelSender[],
  ) {
    this.#ports = ports;
    this.#senders = senders;
  }

  async list(): Promise<reportingService.ListAlertsResponse> {
    const { recent, channels } = await readStatus(this.#ports.kv);
    return {
      alerts: recent.map(({ key: _key, sequence, atUs, sentTo, ...alert }) => ({
        ...alert,
        sequence: int64.of(sequence),
        atUs: int64.of(atUs),
        sentTo: [...sentTo],
      })),
      channels: channels.map(({ sentAtUs, ...channel }) => ({
        ...channel,
        sentAtUs: int64.of(sentAtUs),
      })),
    };
  }

  /** Sends a test at once, beside what is due. @throws REPORTING.CHANNEL where there is no such channel. */
  async test(channel: string): Promise<reportingService.TestAlertsResponse> {
    const asked = this.#senders.filter((one) => channel === '' || one.channel === channel);
    if (asked.length === 0) throw noChannel(channel, this.#senders);
    const atUs = this.#ports.clock.nowUs();
    const alert: ToldAlert = {
      kind: 'test',
      level: 'info',
      key: 'test',
      title: 'a test of this channel',
      text: 'Alerts that are routed here arrive.',
      atUs,
      sequence: 0,
      count: 1,
    };
    const never = new AbortController().signal;
    const results = await Promise.all(
      asked.map(async (sender) => {
        const failure = await sender.send([alert], never);
        return { channel: sender.channel, problem: failure?.why ?? '' };
      }),
    );
    return { results };
  }
}

function noChannel(channel: string, senders: readonly ChannelSender[]): AppError {
  const known = senders.map((one) => one.channel).join(', ');
  return new AppError({
    code: 'REPORTING.CHANNEL',
    why: channel === '' ? 'there is no alert channel.' : `there is no alert channel '${channel}'.`,
    fix: known === '' ? 'Add one under `alerts.channels` and start again.' : `Known: ${known}.`,
  });
}
