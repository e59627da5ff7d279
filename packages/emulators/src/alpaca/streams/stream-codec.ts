import { US_PER_SECOND } from '@capstan/domain';
import { decode, Encoder, ExtensionCodec, encodeTimeSpecToTimestamp } from '@msgpack/msgpack';
import { utcText } from '../wire-text.ts';

/** A time in a message: an extension of its own in msgpack, text in JSON. */
export class StreamTime {
  readonly us: number;

  constructor(us: number) {
    this.us = us;
  }

  toJSON(): string {
    return utcText(this.us);
  }
}

const TIMESTAMP_EXTENSION = -1;
const NANOS_PER_US = 1_000;

/** How the messages of a connection are written. */
export interface StreamCodec {
  encode(messages: readonly unknown[]): string | Uint8Array;
  decode(data: Buffer): unknown;
}

export const JSON_CODEC: StreamCodec = {
  encode: (messages) => JSON.stringify(messages),
  decode: (data) => JSON.parse(data.toString()) as unknown,
};

const extensionCodec = new ExtensionCodec();
extensionCodec.register({
  type: TIMESTAMP_EXTENSION,
  encode: (value: unknown) => {
    if (!(value instanceof StreamTime)) return null;
    const sec = Math.floor(value.us / US_PER_SECOND);
    const nsec = (value.us - sec * US_PER_SECOND) * NANOS_PER_US;
    return encodeTimeSpecToTimestamp({ sec, nsec });
  },
  decode: () => undefined,
});
const encoder = new Encoder({ extensionCodec });

export const MSGPACK_CODEC: StreamCodec = {
  encode: (messages) => encoder.encode(messages),
  decode: (data) => decode(data),
};
