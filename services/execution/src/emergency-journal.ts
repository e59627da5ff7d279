import {
  decodeEmergencyRound,
  type EmergencyRound,
  encodeEmergencyRound,
  subjects,
} from '@capstan/contracts';
import { deriveId, type TimeUs } from '@capstan/domain';
import type { Bus } from '@capstan/ports';

const STREAM = 'TRADING';

/** A place in an account's emergency journal: what stands up to it is known. */
export interface EmergencyPlace {
  /** Creation time of the stream: places of another epoch mean nothing. */
  readonly epochUs: TimeUs;
  readonly sequence: number;
}

/** What stands in an emergency journal after a place. */
export interface EmergencyRounds {
  /** Those that count, in order: none of a smaller lease than one before it. */
  readonly rounds: readonly EmergencyRound[];
  /** The end of the journal. */
  readonly end: EmergencyPlace;
}

/**
 * Where a hard kill writes down what it sends while the store is away: a subject of the bus, on which a round is stored only
 * after the one that its writer knows as the newest.
 */
export class EmergencyJournal {
  readonly #bus: Bus;
  readonly #subject: string;

  constructor(bus: Bus, accountId: string) {
    this.#bus = bus;
    this.#subject = subjects.emergency(accountId);
  }

  /** @throws BUS.UNAVAILABLE, BUS.NO_STREAM */
  async read(after: EmergencyPlace | undefined): Promise<EmergencyRounds> {
    const { epochUs, firstSequence } = await this.#bus.streamState(STREAM);
    const known = after?.epochUs === epochUs ? after.sequence : 0;
    const newest = (await this.#bus.newest(STREAM, this.#subject))?.sequence ?? 0;
    const end = { epochUs, sequence: Math.max(known, newest) };
    if (newest <= known) return { rounds: [], end };
    const afterSequence = Math.max(known, firstSequence - 1);
    const filters = [this.#subject];
    const reading = await this.#bus.subscribe({ stream: STREAM, filters, afterSequence });
    const rounds: EmergencyRound[] = [];
    try {
      for (let read = known; read < newest; ) {
        const messages = await reading.next();
        rounds.push(...messages.map(({ data }) => decodeEmergencyRound(data)));
        read = messages.at(-1)?.sequence ?? newest;
      }
    } finally {
      await reading.close();
    }
    return { rounds: thatCount(rounds), end };
  }

  /**
   * Writes a round down after what its writer has read.
   * @returns its place. @throws BUS.CONFLICT when another has written meanwhile; BUS.UNAVAILABLE: it may be written.
   */
  async append(round: EmergencyRound, after: EmergencyPlace): Promise<EmergencyPlace> {
    const { accountId, killSinceUs, lease } = round;
    const messageId = deriveId(
      'emergency-round',
      accountId,
      killSinceUs,
      round.round,
      lease.epochUs,
      lease.token,
    );
    const data = encodeEmergencyRound(round);
    const message = { subject: this.#subject, data, headers: {}, messageId };
    const newest = await this.#bus.newest(STREAM, this.#subject);
    const last = newest !== undefined && newest.sequence <= after.sequence ? newest.sequence : 0;
    const sequence = await this.#bus.publishAfter(message, last);
    return { epochUs: after.epochUs, sequence };
  }
}

/** Leaves out what the holder of an older lease wrote after its successor. */
export function thatCount(rounds: readonly EmergencyRound[]): readonly EmergencyRound[] {
  let greatest: EmergencyRound['lease'] | undefined;
  return rounds.filter(({ lease }) => {
    if (greatest !== undefined && isOlder(lease, greatest)) return false;
    greatest = lease;
    return true;
  });
}

/** Tells whether a lease was taken before another. */
export function isOlder(lease: EmergencyRound['lease'], than: EmergencyRound['lease']): boolean {
  if (lease.epochUs !== than.epochUs) return lease.epochUs < than.epochUs;
  return lease.token < than.token;
}
