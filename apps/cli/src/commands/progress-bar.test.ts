import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { ProgressBar } from './progress-bar.ts';

/** A terminal of a width, a clock that stands until it is moved, and a bar on it. */
function barOn(terminal: { isTTY?: boolean; columns?: number }, afterMs = 0, isTerminal = true) {
  const written: string[] = [];
  const time = { nowMs: 1_000 };
  const stream = { ...terminal, write: (text: string) => written.push(text) };
  const bar = new ProgressBar(isTerminal, afterMs, { stream, nowMs: () => time.nowMs });
  const showAt = (nowMs: number, done: number, columns = terminal.columns) => {
    time.nowMs = nowMs;
    Object.assign(stream, { columns });
    bar.show({ done, count: 1_000, unit: 'bars' });
  };
  return { bar, written, showAt };
}

const text = (written: readonly string[]) => written.map((one) => stripVTControlCharacters(one));

describe('a progress bar', () => {
  it('is drawn over itself in one line, and wiped away', () => {
    const { bar, written, showAt } = barOn({ isTTY: true, columns: 80 });
    showAt(2_000, 450);
    bar.clear();
    bar.clear();
    expect(written).toEqual([
      '\r\u001b[2K█████████░░░░░░░░░░░  45 %  450 of 1,000 bars  450/s  0:02 left',
      '\r\u001b[2K',
    ]);
  });

  it('is drawn ten times a second at most', () => {
    const { written, showAt } = barOn({ isTTY: true, columns: 80 });
    for (let nowMs = 2_000; nowMs < 3_000; nowMs += 10) showAt(nowMs, nowMs - 2_000);
    expect(written).toHaveLength(10);
  });

  it('is not drawn for what is over soon', () => {
    const { bar, written, showAt } = barOn({ isTTY: true, columns: 80 }, 500);
    showAt(1_499, 999);
    bar.clear();
    expect(written).toEqual([]);
    showAt(1_500, 999);
    expect(written).toHaveLength(1);
  });

  it.each([
    ['a stream that is no terminal', {}, true],
    ['a command whose results are not read on a terminal', { isTTY: true }, false],
  ])('is not drawn by %s', (_, terminal, isTerminal) => {
    const { bar, written, showAt } = barOn(terminal, 0, isTerminal);
    showAt(2_000, 450);
    bar.clear();
    expect(written).toEqual([]);
  });

  it('never reaches the last column of a narrow terminal, also one that becomes narrow', () => {
    for (let columns = 1; columns <= 100; columns += 1) {
      const { written, showAt } = barOn({ isTTY: true, columns: 100 });
      showAt(2_000, 450);
      showAt(2_100, 500, columns);
      const [wide = '', narrow = ''] = text(written);
      expect(narrow.trimStart().length, `${columns} columns`).toBeLessThan(columns);
      expect(narrow.trimStart()).toBe(
        '██████████░░░░░░░░░░  50 %  500 of 1,000 bars  455/s  0:02 left'.slice(0, columns - 1),
      );
      expect(wide).toContain('450 of 1,000 bars');
    }
  });

  it.each([undefined, 0])('takes a terminal that says %s columns for a usual one', (columns) => {
    const { written, showAt } = barOn({ isTTY: true });
    showAt(2_000, 450, columns);
    expect(text(written)[0]).toContain('0:02 left');
  });

  it('has no colours that NO_COLOR would have to take away: what it sends beside text wipes a line', () => {
    const { bar, written, showAt } = barOn({ isTTY: true, columns: 80 });
    for (let done = 0; done <= 1_000; done += 100) showAt(2_000 + done, done);
    bar.clear();
    expect(written).toHaveLength(12);
    expect(written.join('').replaceAll('\u001b[2K', '')).not.toContain('\u001b');
  });
});
