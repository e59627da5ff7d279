/** One event of a stream of server-sent events. */
export interface StreamEvent {
  readonly name: string;
  readonly data: string;
}

/** Takes server-sent events apart, however the text of their stream is cut. */
export class EventFrames {
  #rest = '';

  /** @returns the events that are whole now. */
  push(text: string): readonly StreamEvent[] {
    const frames = `${this.#rest}${text}`.split('\n\n');
    this.#rest = frames.pop() ?? '';
    return frames.map(eventOf).filter((event) => event !== undefined);
  }
}

/** @returns `undefined` for a frame without data, such as the one that says when to come back. */
function eventOf(frame: string): StreamEvent | undefined {
  const lines = frame.split('\n');
  const valuesOf = (field: string) =>
    lines.filter((line) => line.startsWith(field)).map((line) => line.slice(field.length));
  const data = valuesOf('data: ');
  if (data.length === 0) return undefined;
  return { name: valuesOf('event: ')[0] ?? 'message', data: data.join('\n') };
}
