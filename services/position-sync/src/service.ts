import {
  driftToWire,
  type Implementation,
  type positionService,
  snapshotToWire,
} from '@capstan/contracts';
import type { Store } from '@capstan/ports';
import { LIMITS } from './limits.ts';

type Definition = typeof positionService.PositionServiceDefinition;

/** Answers questions about the broker's truth and drift. */
export class PositionService implements Implementation<Definition> {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  async getSnapshot(
    request: positionService.GetSnapshotRequest,
  ): Promise<positionService.GetSnapshotResponse> {
    const [snapshot] = await this.#store.snapshots(request.accountId, 1);
    return { snapshot: snapshot && snapshotToWire(snapshot) };
  }

  async listDrifts(
    request: positionService.ListDriftsRequest,
  ): Promise<positionService.ListDriftsResponse> {
    const drifts = await this.#store.drifts({
      ...(request.accountId === '' ? {} : { accountId: request.accountId }),
      openOnly: request.openOnly,
      limit: Math.min(request.limit === 0 ? LIMITS.driftsMax : request.limit, LIMITS.driftsMax),
    });
    return { drifts: drifts.map(driftToWire) };
  }
}
