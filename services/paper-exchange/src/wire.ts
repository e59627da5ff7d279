import { connectBus, connectionName } from '@capstan/bus';
import { CalendarBook } from '@capstan/calendar';
import { grpcService, paperExchangeService } from '@capstan/contracts';
import {
  checkPlatform,
  instrumentsOf,
  natsAccess,
  openingCash,
  type PlatformConfig,
  paperBehaviour,
  type ServiceContext,
  type WiredService,
} from '@capstan/runtime';
import { PaperExchange, type PaperExchangeSettings } from './exchange.ts';
import { FileJournal } from './file-journal.ts';
import { PaperExchangeRpc } from './service.ts';

/** Puts the exchange together. It stands apart from the platform as a broker does: market data in, gRPC out, its own memory. */
export async function wire(context: ServiceContext<PlatformConfig>): Promise<WiredService> {
  const { config, log, clock, meter, tracer, name } = context;
  checkPlatform(config);
  const connection = await connectBus({
    ...natsAccess(config.nats),
    name: connectionName(name),
    onWait: ({ message }) => {
      context.health.addChecks({ nats: () => ({ ok: false, reason: message }) });
    },
    log,
  });
  const calendars = new CalendarBook();
  const journal = new FileJournal(config.paperExchange.journal);
  const exchange = new PaperExchange(
    { bus: connection.bus, clock, log, meter, tracer, journal },
    settingsOf(config),
    instrumentsOf(config),
    (calendar) => calendars.get(calendar),
  );
  const { PaperExchangeServiceDefinition, PaperExchangeServiceService } = paperExchangeService;
  return {
    start: async () => {
      await exchange.load();
      exchange.failed.catch(context.crash);
      exchange.run().catch(context.crash);
    },
    drain: async () => {
      await exchange.stop();
      await journal.close();
      await connection.close();
    },
    checks: {
      nats: () => {
        const { connected, server } = connection.status();
        return connected
          ? { ok: true }
          : { ok: false, reason: `NATS at ${server} does not answer` };
      },
    },
    grpcServices: [
      grpcService(
        PaperExchangeServiceDefinition,
        PaperExchangeServiceService,
        new PaperExchangeRpc(exchange),
      ),
    ],
  };
}

function settingsOf(config: PlatformConfig): PaperExchangeSettings {
  return {
    behaviour: paperBehaviour(config.paperExchange),
    accounts: config.accounts
      .filter((account) => account.venue === 'paper')
      .map((account) => ({
        accountId: account.accountId,
        currency: account.currency,
        cashMicros: openingCash(account),
      })),
    venues: [...new Set(config.feeds.map((feed) => feed.venue))],
    feeds: config.feeds.map((feed) => feed.feed),
    latencyMs: config.paperExchange.latencyMs,
  };
}
