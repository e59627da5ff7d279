import { type TimeUs, timeUs } from '@capstan/domain';
import type { Clock } from '@capstan/ports';
import type { SimWorld } from '@capstan/testkit/sim';

/** How much faster than the world the market's time goes: what is under way for a second is a minute late. */
const PACE = 60;

/**
 * The time on the wall of a market that is live: it is what the last bars say, and goes on from there for as long as no others come. So
 * a decision grows old where something on its way stands still.
 */
export class MarketTime {
  readonly #world: SimWorld;
  #atUs: number;
  #heardUs: number;

  constructor(world: SimWorld) {
    this.#world = world;
    const { store, scheduler } = world;
    this.#atUs = scheduler.nowUs();
    this.#heardUs = this.#atUs;
    const commit = store.commit.bind(store);
    store.commit = async (written) => {
      await commit(written);
      for (const { endUs } of written.bars ?? []) this.#hear(endUs);
    };
  }

  /** The time now; it never goes back. */
  nowUs(): TimeUs {
    return timeUs(this.#atUs + PACE * (this.#world.scheduler.nowUs() - this.#heardUs));
  }

  /** Returns a process's clock as it shows this time; how long something lasts is as it was. */
  on(clock: Clock): Clock {
    return { ...clock, nowUs: () => this.nowUs() };
  }

  #hear(endUs: TimeUs): void {
    if (endUs <= this.nowUs()) return;
    this.#atUs = endUs;
    this.#heardUs = this.#world.scheduler.nowUs();
  }
}
