import { expect, test } from 'vitest';
import { parseLibraries } from './runtime-root.ts';

const PRINTED = `	linux-vdso.so.1 (0x00007ffc0b9f2000)
	libstdc++.so.6 => /lib/x86_64-linux-gnu/libstdc++.so.6 (0x00007f3c5a000000)
	libc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x00007f3c59e00000)
	/lib64/ld-linux-x86-64.so.2 (0x00007f3c5a3d5000)
`;

test('reads which files a program loads', () => {
  expect(parseLibraries(PRINTED, 'node')).toEqual([
    '/lib/x86_64-linux-gnu/libstdc++.so.6',
    '/lib/x86_64-linux-gnu/libc.so.6',
    '/lib64/ld-linux-x86-64.so.2',
  ]);
});

test('names a library that is not there', () => {
  const printed = '\tlibstdc++.so.6 => not found\n';
  expect(() => parseLibraries(printed, 'a.node')).toThrow(
    'a.node needs libstdc++.so.6 => not found',
  );
});
