import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { endAsFirstProcess, type SignalledProcess } from './first-process.ts';

class FakeProcess extends EventEmitter implements SignalledProcess {
  readonly pid: number;
  readonly exits: number[] = [];

  constructor(pid: number) {
    super();
    this.pid = pid;
  }

  exit(code: number): void {
    this.exits.push(code);
  }
}

test('ends process 1 by a signal, as the system ends every other', () => {
  const first = new FakeProcess(1);
  endAsFirstProcess(first);
  first.emit('SIGTERM');
  first.emit('SIGINT');
  expect(first.exits).toEqual([143, 130]);
  const other = new FakeProcess(2);
  endAsFirstProcess(other);
  other.emit('SIGTERM');
  expect(other.exits).toEqual([]);
});

test('leaves the signal to a command that hears it, for as long as it does', () => {
  const first = new FakeProcess(1);
  endAsFirstProcess(first);
  const heard = (): undefined => undefined;
  first.on('SIGINT', heard);
  first.emit('SIGINT');
  expect(first.exits).toEqual([]);
  first.off('SIGINT', heard);
  first.emit('SIGINT');
  expect(first.exits).toEqual([130]);
});
