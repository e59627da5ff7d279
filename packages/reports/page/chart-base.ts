import {
  type ChartOptions,
  ColorType,
  createChart,
  type DeepPartial,
  type IChartApi,
  type Time,
  type UTCTimestamp,
} from 'lightweight-charts';
import type { Clock } from './clock.ts';
import { byId } from './elements.ts';
import { type Colours, onColours, onPrint } from './theme.ts';

const PRINT_WIDTH = 684;

export const timeOf = (seconds: number): UTCTimestamp => seconds as UTCTimestamp;
export const secondsOf = (time: Time): number => (typeof time === 'number' ? time : 0);

function optionsOf(colours: Colours, clock: Clock): DeepPartial<ChartOptions> {
  return {
    layout: {
      background: { type: ColorType.Solid, color: 'transparent' },
      textColor: colours.text,
      fontFamily: getComputedStyle(document.body).fontFamily,
      fontSize: 11,
      // Its notice is in the page's foot; the logo would bring styles of its own.
      attributionLogo: false,
      panes: {
        separatorColor: colours.grid,
        separatorHoverColor: colours.faint,
        enableResize: false,
      },
    },
    grid: { vertLines: { color: colours.grid }, horzLines: { color: colours.grid } },
    rightPriceScale: { borderVisible: false, minimumWidth: 68, entireTextOnly: true },
    timeScale: {
      borderVisible: false,
      timeVisible: true,
      secondsVisible: false,
      rightOffset: 0,
      // So that the labels at both ends stand whole inside the axis.
      fixLeftEdge: true,
      fixRightEdge: true,
      minBarSpacing: 0.002,
      tickMarkFormatter: (time: Time, kind: number) => clock.tick(secondsOf(time), kind),
    },
    localization: { timeFormatter: (time: Time) => clock.full(secondsOf(time)) },
    handleScale: { axisPressedMouseMove: { price: false }, mouseWheel: false },
    // The page scrolls; a chart zooms where it is dragged, pinched, or the wheel turns with a key held.
    handleScroll: { mouseWheel: false, vertTouchDrag: false },
  };
}

/** Makes a chart in a place of the page; it follows the page's colours and size. `undefined` where there is no such place. */
export function chartIn(
  id: string,
  clock: Clock,
  recolour: (colours: Colours, chart: IChartApi) => void,
): { readonly chart: IChartApi; paint(): void } | undefined {
  const place = byId(id);
  if (place === undefined) return undefined;
  const chart = createChart(place, { autoSize: true, layout: { attributionLogo: false } });
  let painted = false;
  const paint = (colours: Colours): void => {
    chart.applyOptions(optionsOf(colours, clock));
    if (painted) recolour(colours, chart);
  };
  place.tabIndex = 0;
  // A chart shows the whole run at every width, until somebody looks at a part of it.
  let isTouched = false;
  const touch = (): void => {
    isTouched = true;
  };
  for (const kind of ['pointerdown', 'wheel', 'keydown']) {
    place.addEventListener(kind, touch, { passive: true });
  }
  place.addEventListener(
    'wheel',
    ({ ctrlKey, metaKey }) =>
      chart.applyOptions({ handleScale: { mouseWheel: ctrlKey || metaKey } }),
    { capture: true, passive: true },
  );
  chart.timeScale().subscribeSizeChange(() => {
    if (!isTouched) chart.timeScale().fitContent();
  });
  place.addEventListener('keydown', (event) => moveByKey(chart, event));
  onPrint(
    () => {
      chart.applyOptions({ autoSize: false });
      chart.resize(PRINT_WIDTH, place.clientHeight);
      chart.timeScale().fitContent();
    },
    () => chart.applyOptions({ autoSize: true }),
  );
  return {
    chart,
    paint: () => {
      painted = true;
      onColours(paint);
    },
  };
}

/** Arrows move a chart, plus and minus zoom, Home shows all. */
function moveByKey(chart: IChartApi, event: KeyboardEvent): void {
  const scale = chart.timeScale();
  const range = scale.getVisibleLogicalRange();
  if (range === null) return;
  const width = range.to - range.from;
  const step = { ArrowLeft: -0.1, ArrowRight: 0.1 }[event.key];
  const zoom = { '+': 0.8, '=': 0.8, '-': 1.25 }[event.key];
  if (step !== undefined) {
    scale.setVisibleLogicalRange({ from: range.from + step * width, to: range.to + step * width });
  } else if (zoom !== undefined) {
    const middle = (range.from + range.to) / 2;
    const half = (width / 2) * zoom;
    scale.setVisibleLogicalRange({ from: middle - half, to: middle + half });
  } else if (event.key === 'Home') scale.fitContent();
  else return;
  event.preventDefault();
}
