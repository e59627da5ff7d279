import colors from 'picocolors';
import { REDRAW_MS } from '../limits.ts';
import { clockTime } from '../supervisor/log-line.ts';
import type { StackStatus } from '../supervisor/stack-status.ts';
import type { StackConsole } from '../supervisor/supervisor.ts';
import { LiveScreen } from './live-screen.ts';
import { renderStack } from './stack-view.ts';

/** A console that can also end: the last table stays on the screen. */
export interface EndingConsole extends StackConsole {
  /** A line that is nobody's: headlines, addresses. */
  print(line: string): void;
  end(): void;
}

const LEVEL_COLORS = { info: colors.dim, warn: colors.yellow, error: colors.red } as const;

function eventLine(level: 'info' | 'warn' | 'error', name: string, text: string): string {
  const word = level === 'info' ? '' : `${level.toUpperCase()} `;
  return LEVEL_COLORS[level](`${clockTime(Date.now())} ${word}${name}: ${text}`);
}

/** Shows a live table below passing lines, on a terminal. */
export function liveConsole(stream: NodeJS.WriteStream): EndingConsole {
  const screen = new LiveScreen({
    get columns() {
      return stream.columns;
    },
    get rows() {
      return stream.rows;
    },
    write: (text) => void stream.write(text),
  });
  let read: (() => StackStatus) | undefined;
  let isDirty = false;
  const draw = (): void => {
    if (read !== undefined) screen.draw(renderStack(read()));
    isDirty = false;
  };
  // Uptimes move on by themselves; bursts of changes become one drawing.
  const timer = setInterval(draw, REDRAW_MS);
  return {
    say: (level, name, text) => screen.print(eventLine(level, name, text)),
    show: (next) => {
      read = next;
      if (isDirty) return;
      isDirty = true;
      setImmediate(draw);
    },
    print: (line) => screen.print(line),
    end: () => {
      clearInterval(timer);
      draw();
    },
  };
}

/** Shows one line an event, where there is no terminal. */
export function plainConsole(write: (text: string) => void): EndingConsole {
  const states = new Map<string, string>();
  let isAnnounced = false;
  return {
    say: (level, name, text) => write(`${eventLine(level, name, text)}\n`),
    show: (read) => {
      const status = read();
      const gateway = status.processes.find(({ name }) => name === 'gateway');
      if (gateway?.state === 'ready' && !isAnnounced) {
        isAnnounced = true;
        write(`Dashboard  ${colors.bold(colors.cyan(status.dashboardUrl))}\n`);
      }
      for (const { botId, state, error } of status.bots ?? []) {
        if (states.get(botId) === state) continue;
        states.set(botId, state);
        const why = error === undefined ? '' : `: ${error}`;
        write(
          `${eventLine(state === 'crashed' ? 'error' : 'info', `bot ${botId}`, `${state}${why}`)}\n`,
        );
      }
    },
    print: (line) => write(`${line}\n`),
    end: () => undefined,
  };
}
