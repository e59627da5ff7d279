import type { OwnerSource } from '@capstan/journal';
import type { VenueUpdate, VenueUpdates } from '@capstan/ports';

/** A venue's updates as a source that can be opened anew while it is read: a stream may look healthy and have dropped something. */
export class VenueReading implements OwnerSource {
  readonly #open: () => Promise<VenueUpdates>;
  #updates: VenueUpdates;
  #isClosed = false;

  private constructor(open: () => Promise<VenueUpdates>, updates: VenueUpdates) {
    this.#open = open;
    this.#updates = updates;
  }

  /** @param open opens the stream after what was taken last. @throws VENUE.UNAVAILABLE */
  static async open(open: () => Promise<VenueUpdates>): Promise<VenueReading> {
    return new VenueReading(open, await open());
  }

  /** Opens the stream anew, then closes the old one. @throws VENUE.UNAVAILABLE */
  async again(): Promise<void> {
    const fresh = await this.#open();
    if (this.#isClosed) return await fresh.close();
    const old = this.#updates;
    this.#updates = fresh;
    await old.close();
  }

  async next(): Promise<readonly VenueUpdate[]> {
    for (;;) {
      const updates = this.#updates;
      const items = await updates.next();
      if (items.length > 0 || this.#isClosed || updates === this.#updates) return items;
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#updates.close();
  }
}
