import type { ServerResponse } from 'node:http';
import { LIMITS } from '../limits.ts';
import type { Viewer } from '../live/viewer.ts';

/**
 * Sends a viewer what waits for it until either side ends. Nothing more is taken while the socket is full, so that what waits stays
 * in the viewer's own bounds; a socket that stays full too long is cut.
 */
export async function stream(
  response: ServerResponse,
  viewer: Viewer,
  headers: Readonly<Record<string, string>>,
): Promise<void> {
  response.on('close', () => viewer.close());
  response.on('error', () => viewer.close());
  response.writeHead(200, {
    ...headers,
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  });
  response.socket?.setNoDelay(true);
  response.write('retry: 1000\n\n');
  for (;;) {
    const text = await viewer.next();
    if (text === '' || response.destroyed) break;
    if (!response.write(text) && !(await drained(response))) break;
  }
  viewer.close();
  response.end();
}

/** Waits until the socket takes more. @returns false where it is gone, or was cut for being full too long. */
function drained(response: ServerResponse): Promise<boolean> {
  return new Promise((resolve) => {
    const done = (more: boolean): void => {
      clearTimeout(timer);
      response.off('drain', onDrain);
      response.off('close', onClose);
      resolve(more);
    };
    const onDrain = (): void => done(true);
    const onClose = (): void => done(false);
    const timer = setTimeout(() => {
      response.destroy();
      done(false);
    }, LIMITS.viewerStalledMs);
    response.once('drain', onDrain);
    response.once('close', onClose);
  });
}
