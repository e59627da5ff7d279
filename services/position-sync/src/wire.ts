import { grpcService, positionService } from '@capstan/contracts';
import { openPlatform, wired } from '@capstan/platform';
import {
  instrumentsOf,
  type PlatformConfig,
  type ServiceContext,
  statedCash,
  type WiredService,
} from '@capstan/runtime';
import { brokerVendors, VenueEndpoints } from '@capstan/venues';
import { PositionOwner } from './position-owner.ts';
import { PositionService } from './service.ts';

const VENUE_TIMEOUT_MS = 3_000;
/** What of the requests that Alpaca grants to an account may be snapshots; execution has the rest. */
const ALPACA_SHARE = 0.35;

/** Puts the service together: an owner an account, and the RPC. */
export async function wire(context: ServiceContext<PlatformConfig>): Promise<WiredService> {
  const { config, clock, log, environment } = context;
  const platform = await openPlatform(context);
  const { address } = config.paperExchange;
  const instruments = instrumentsOf(config);
  const vendors = brokerVendors(
    { clock, log, environment },
    {
      paper: { address, timeoutMs: VENUE_TIMEOUT_MS },
      alpaca: { ...config.venues.alpaca, share: ALPACA_SHARE },
      instruments,
    },
  );
  const endpoints = new VenueEndpoints(vendors, config.installation.allowLive);
  for (const account of config.accounts) {
    const { accountId, foreign } = account;
    const venue = endpoints.of(account);
    platform.host.add(
      `position/${accountId}`,
      () =>
        new PositionOwner({ ...platform.ports, venue }, accountId, {
          ...config.retention,
          foreign,
          instruments,
          ...(account.venue === 'paper' ? {} : { opening: { statedMicros: statedCash(account) } }),
        }),
    );
  }
  const service = new PositionService(platform.store);
  await platform.serve(positionService.PositionServiceDefinition, service);
  return wired(platform, {
    stop: () => {
      endpoints.close();
      return Promise.resolve();
    },
    grpcServices: [
      grpcService(
        positionService.PositionServiceDefinition,
        positionService.PositionServiceService,
        service,
      ),
    ],
  });
}
