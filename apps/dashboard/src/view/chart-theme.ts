import { type ChartOptions, ColorType, type DeepPartial, type Time } from 'lightweight-charts';
import { useEffect, useState } from 'preact/hooks';
import type { ZoneClock } from '../format.ts';

/** The page's colours, as the charts need them. */
export interface ChartColours {
  readonly text: string;
  readonly grid: string;
  readonly up: string;
  readonly down: string;
  readonly accent: string;
  readonly faint: string;
}

function readColours(): ChartColours {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string): string => style.getPropertyValue(name).trim();
  return {
    text: colour('--dim'),
    grid: colour('--grid'),
    up: colour('--up'),
    down: colour('--down'),
    accent: colour('--accent'),
    faint: colour('--accent-faint'),
  };
}

/** The colours now; they follow the system between light and dark. */
export function useColours(): ChartColours {
  const [colours, setColours] = useState(readColours);
  useEffect(() => {
    const query = window.matchMedia('(prefers-color-scheme: dark)');
    const onChange = (): void => setColours(readColours());
    query.addEventListener('change', onChange);
    return () => query.removeEventListener('change', onChange);
  }, []);
  return colours;
}

const usOf = (time: Time): number => (typeof time === 'number' ? time * 1_000_000 : 0);

/** What all charts of the page have in common. */
export function chartOptions(colours: ChartColours, clock: ZoneClock): DeepPartial<ChartOptions> {
  return {
    autoSize: true,
    layout: {
      background: { type: ColorType.Solid, color: 'transparent' },
      textColor: colours.text,
      fontFamily: 'system-ui, sans-serif',
      fontSize: 11,
      // Its notice is in the page's foot; the logo would bring styles of its own.
      attributionLogo: false,
    },
    grid: { vertLines: { color: colours.grid }, horzLines: { color: colours.grid } },
    // A label that the end of the axis would cut is left out.
    rightPriceScale: { borderVisible: false, entireTextOnly: true },
    timeScale: {
      borderVisible: false,
      timeVisible: true,
      secondsVisible: false,
      rightOffset: 4,
      tickMarkFormatter: (time: Time, kind: number) =>
        kind >= 3 ? clock.minute(usOf(time)) : clock.day(usOf(time)),
    },
    localization: { timeFormatter: (time: Time) => clock.dayTime(usOf(time)) },
    handleScale: { axisPressedMouseMove: { price: false } },
  };
}
