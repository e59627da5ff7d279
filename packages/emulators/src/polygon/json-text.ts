/** A whole number that JSON carries in full and a number of JavaScript does not. */
export interface RawNumber {
  readonly rawJSON: string;
}

const json = JSON as typeof JSON & { rawJSON(text: string): RawNumber };

/** Nanoseconds since the epoch, as the vendor writes them: a JSON number of nineteen digits. */
export const nanosOf = (us: number): RawNumber => json.rawJSON(`${us}000`);
