import { grpcService, positionService } from '@capstan/contracts';
import { openPlatform, wired } from '@capstan/platform';
import {
  instrumentsOf,
  type PlatformConfig,
  type ServiceContext,
  type WiredService,
} from '@capstan/runtime';
import { PaperVenue, VenueEndpoints } from '@capstan/venues';
import { PositionOwner } from './position-owner.ts';
import { PositionService } from './service.ts';

const VENUE_TIMEOUT_MS = 3_000;

/** Puts the service together: an owner an account, and the RPC. */
export async function wire(context: ServiceContext<PlatformConfig>): Promise<WiredService> {
  const { config, clock, log } = context;
  const platform = await openPlatform(context);
  const { address } = config.paperExchange;
  const paper = () => new PaperVenue({ clock, log }, { address, timeoutMs: VENUE_TIMEOUT_MS });
  const instruments = instrumentsOf(config);
  const endpoints = new VenueEndpoints({ paper: { paper } }, config.installation.allowLive);
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
