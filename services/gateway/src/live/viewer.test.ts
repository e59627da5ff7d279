import { expect, test } from 'vitest';
import { LIMITS } from '../limits.ts';
import { frameOf, Viewer } from './viewer.ts';

test('a frame is an event of its name, with every line of its data marked', () => {
  expect(frameOf({ name: 'bar', data: '[1]' })).toBe('event: bar\ndata: [1]\n\n');
  expect(frameOf({ name: 'x', data: 'a\nb' })).toBe('event: x\ndata: a\ndata: b\n\n');
});

test('hands over what waits as one text, and waits where there is nothing', async () => {
  const viewer = new Viewer();
  viewer.push('a');
  viewer.push('b');
  expect(await viewer.next()).toBe('ab');
  const next = viewer.next();
  viewer.push('c');
  expect(await next).toBe('c');
});

test('ends with an empty text once it is closed and drained', async () => {
  const viewer = new Viewer();
  viewer.push('a');
  viewer.close();
  expect(viewer.push('b')).toBe(false);
  expect(await viewer.next()).toBe('a');
  expect(await viewer.next()).toBe('');
  const idle = new Viewer();
  const next = idle.next();
  idle.close();
  expect(await next).toBe('');
});

test.each([
  ['too many events', LIMITS.viewerEventsMax, 'x'],
  ['too much text', 4, 'x'.repeat(LIMITS.viewerCharactersMax / 4)],
])('lets go of a viewer that does not keep up: %s', async (_, most, frame) => {
  const viewer = new Viewer();
  for (let index = 0; index < most; index += 1) expect(viewer.push(frame)).toBe(true);
  expect(viewer.push(frame)).toBe(false);
  const rest = await viewer.next();
  expect(rest).toMatch(/^event: resync\ndata: \{"why":"[^"]+"\}\n\n$/);
  expect(await viewer.next()).toBe('');
});
