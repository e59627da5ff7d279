import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { clip, LiveScreen } from './live-screen.ts';

function screen(rows = 20): { screen: LiveScreen; written: string[] } {
  const written: string[] = [];
  const terminal = { columns: 12, rows, write: (text: string) => void written.push(text) };
  return { screen: new LiveScreen(terminal), written };
}

test('draws over itself in one write, going up by what it drew before', () => {
  const { screen: live, written } = screen();
  live.draw('a\nb');
  live.draw('c\nd\ne');
  expect(written).toHaveLength(2);
  expect(written[0]).not.toMatch(/\[\d+A/);
  expect(written[1]).toContain('\x1b[2A');
  expect(stripVTControlCharacters(written[1] ?? '')).toBe('\rc\nd\ne\n');
});

test('lets a line pass above the block', () => {
  const { screen: live, written } = screen();
  live.draw('table');
  live.print('news');
  expect(stripVTControlCharacters(written[1] ?? '')).toBe('\rnews\ntable\n');
});

test('never draws more lines than the terminal has', () => {
  const { screen: live, written } = screen(3);
  live.draw('1\n2\n3\n4');
  expect(stripVTControlCharacters(written[0] ?? '')).toBe('\r1\n2\n');
});

test('cuts by what is visible and ends the colour', () => {
  expect(clip('short', 12)).toBe('short');
  expect(clip('0123456789', 5)).toBe('0123…');
  expect(clip('\x1b[32mok\x1b[39m', 2)).toBe('\x1b[32mok\x1b[39m');
  const cut = clip('\x1b[32m0123456789\x1b[39m', 5);
  expect(stripVTControlCharacters(cut)).toBe('0123…');
  expect(cut.endsWith('\x1b[0m')).toBe(true);
});
