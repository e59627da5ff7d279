import { describe, expect, it } from 'vitest';
import { EventFrames } from './event-frames.ts';

const STREAM =
  'retry: 1000\n\nevent: hello\ndata: {"run":"live"}\n\nevent: fills\ndata: [1,\ndata: 2]\n\ndata: plain\n\n';
const EVENTS = [
  { name: 'hello', data: '{"run":"live"}' },
  { name: 'fills', data: '[1,\n2]' },
  { name: 'message', data: 'plain' },
];

describe('a stream of events', () => {
  it('comes to the same however its text is cut', () => {
    for (let first = 0; first <= STREAM.length; first += 1) {
      for (let second = first; second <= STREAM.length; second += 7) {
        const frames = new EventFrames();
        const parts = [STREAM.slice(0, first), STREAM.slice(first, second), STREAM.slice(second)];
        expect(parts.flatMap((part) => frames.push(part))).toEqual(EVENTS);
      }
    }
  });

  it('gives no event before it is whole', () => {
    const frames = new EventFrames();
    expect(frames.push('event: hello\ndata: {}\n')).toEqual([]);
    expect(frames.push('\n')).toEqual([{ name: 'hello', data: '{}' }]);
  });
});
