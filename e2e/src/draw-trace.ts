import { writeFileSync } from 'node:fs';
import { ObservedStack } from './observed-stack.ts';
import { drawTrace } from './trace-picture.ts';

/** Lets a stack trade, and draws the shortest of its traces that end in a fill: `node e2e/src/draw-trace.ts docs/images/trace.svg`. */
const [file] = process.argv.slice(2);
if (file === undefined) {
  console.error('Name the picture: node e2e/src/draw-trace.ts docs/images/trace.svg');
  process.exit(2);
}
const observed = await ObservedStack.start();
try {
  await observed.trade();
  writeFileSync(file, drawTrace(observed.shortestFill()));
} finally {
  await observed.stop();
}
