import { type TimeUs, timeUs, US_PER_MS } from '@capstan/domain';

/**
 * How an emulator's time runs. `real`: as fast as the wall's clock times `speed`, from `startUs`, or from now. `stepped`: only when it is
 * told to. `given`: as something else says.
 */
export type ClockSettings =
  | { readonly kind: 'real'; readonly startUs?: number; readonly speed?: number }
  | { readonly kind: 'stepped'; readonly startUs: number }
  | { readonly kind: 'given'; readonly nowUs: () => number };

/** The emulator's time. */
export class EmulatorClock {
  readonly #settings: ClockSettings;
  readonly #wallUs: () => number;
  #anchorUs: number;
  #anchorWallUs: number;

  constructor(settings: ClockSettings, wallUs: () => number = () => Date.now() * US_PER_MS) {
    this.#settings = settings;
    this.#wallUs = wallUs;
    this.#anchorWallUs = wallUs();
    this.#anchorUs = settings.kind === 'given' ? 0 : (settings.startUs ?? this.#anchorWallUs);
  }

  get isStepped(): boolean {
    return this.#settings.kind === 'stepped';
  }

  nowUs(): TimeUs {
    if (this.#settings.kind === 'stepped') return timeUs(this.#anchorUs);
    if (this.#settings.kind === 'given') return timeUs(this.#settings.nowUs());
    const passedUs = (this.#wallUs() - this.#anchorWallUs) * (this.#settings.speed ?? 1);
    return timeUs(Math.round(this.#anchorUs + passedUs));
  }

  /** Lets time be a later one; an earlier one changes nothing. */
  moveTo(us: number): void {
    const nowUs = this.nowUs();
    this.#anchorWallUs = this.#wallUs();
    this.#anchorUs = Math.max(us, nowUs);
  }
}
