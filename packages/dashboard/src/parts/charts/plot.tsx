import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { useLayoutEffect, useRef, useState } from "react";
import { onTheme } from "../../style/theme.ts";
import { number, shortNumber } from "../../words/format.ts";
import type { ChartData } from "./chart-data.ts";

/** A name that begins left of the chart is cut off: it is left out. */
const HALF_NAME_PX = 18;

/** Things are counted in whole ones. */
const INCREMENTS = [1, 10, 100, 1e3, 1e4, 1e5, 1e6].flatMap((each) => [each, each * 2, each * 5]);

/** uPlot draws on a canvas, which knows no tokens: their colours are read from a probe element. */
export function Plot({
  data,
  height,
  timeOf,
  axisOf,
}: {
  data: ChartData;
  height: number;
  timeOf(seconds: number): string;
  axisOf(seconds: number): string;
}) {
  const box = useRef<HTMLDivElement>(null);
  const [at, setAt] = useState<{ index: number; left: number } | null>(null);
  const naming = useRef(axisOf);
  naming.current = axisOf;
  // Drawn together with the page: what waits until nothing is busy finds it drawn.
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    let plot: uPlot | null = null;
    const draw = () => {
      plot?.destroy();
      const nameOf = (seconds: number) => naming.current(seconds);
      const options = optionsOf(element, data, { height, nameOf, onPoint: setAt });
      plot = new uPlot(options, seriesOf(data), element);
    };
    draw();
    const observer = new ResizeObserver(() =>
      plot?.setSize({ width: element.clientWidth, height }),
    );
    observer.observe(element);
    const stop = onTheme(draw);
    return () => {
      stop();
      observer.disconnect();
      plot?.destroy();
    };
  }, [data, height]);
  const time = at === null ? undefined : data.times[at.index];
  return (
    <div ref={box} className="relative" aria-hidden="true">
      {at !== null && time !== undefined && (
        <div
          className="pointer-events-none absolute top-2 z-10 w-44 rounded-md bg-surface-raised px-2.5 py-1.75 text-2xs/[17px] text-fg-2 shadow-2"
          style={at.left > 200 ? { left: at.left - 184 } : { left: at.left + 12 }}
        >
          <b className="block text-fg">{timeOf(time)}</b>
          {data.series.map(({ label, colour, values }) => (
            <span key={label} className="flex items-center gap-1.5">
              <i className="size-1.5 rounded-[1.5px]" style={{ background: `var(--${colour})` }} />
              {label}
              <span className="tnum ml-auto text-fg">{number(values[at.index] ?? 0)}</span>
            </span>
          ))}
        </div>
      )}
    </div>
  );
}

function seriesOf({ times, series, grows = false }: ChartData): uPlot.AlignedData {
  const most = Math.max(
    1,
    ...series.filter(({ shape }) => shape !== "fall").flatMap(({ values }) => values),
  );
  const deepest = Math.max(
    1,
    ...series.filter(({ shape }) => shape === "fall").flatMap(({ values }) => values),
  );
  // What falls has a fifth of the height: failures are read beside the rest, whatever their number.
  const scale = (most * 0.22) / deepest;
  return [
    [...times],
    ...series.map(({ values, shape }) => {
      if (shape === "fall") return values.map((value) => (value === 0 ? null : -value * scale));
      const isLine = shape === "line" || shape === "area";
      const before = values.slice(0, -1);
      // Where there is nothing else, a growing point is better than none.
      const isCut = grows && isLine && before.some((value) => value > 0);
      return isCut ? [...before, null] : [...values];
    }),
  ];
}

function optionsOf(
  element: HTMLElement,
  data: ChartData,
  {
    height,
    nameOf,
    onPoint,
  }: {
    height: number;
    nameOf(seconds: number): string;
    onPoint(at: { index: number; left: number } | null): void;
  },
): uPlot.Options {
  const colour = (name: string) => colourOf(element, name);
  const hasBars = data.series.some(({ shape }) => shape === "bars" || shape === "fall");
  const hasFall = data.series.some(({ shape }) => shape === "fall");
  const axis = {
    stroke: colour("fg-3"),
    font: "10.5px 'Geist Variable', sans-serif",
    ticks: { show: false },
  };
  return {
    width: element.clientWidth,
    height,
    padding: [12, 0, 0, 0],
    cursor: { y: false, points: { show: false }, drag: { x: false, y: false } },
    legend: { show: false },
    scales: {
      x: {
        time: true,
        // The first bar and the last are as broad as the others.
        range: (_plot, least, most) => {
          const half = hasBars ? stepOf(data.times) / 2 : 0;
          return [least - half, most + half];
        },
      },
      y: {
        range: (_plot, _least, most) => {
          const top = Math.max(1, most);
          return [hasFall ? -top * 0.26 : 0, top * 1.08];
        },
      },
    },
    axes: [
      {
        ...axis,
        grid: { show: false },
        size: 26,
        values: (plot, splits) =>
          splits.map((at) => (plot.valToPos(at, "x") < HALF_NAME_PX ? "" : nameOf(at))),
        space: 70,
      },
      {
        ...axis,
        side: 1,
        size: 44,
        grid: { stroke: colour("chart-grid"), width: 1 },
        values: (_plot, splits) => splits.map((each) => (each < 0 ? "" : shortNumber(each))),
        space: 44,
        incrs: INCREMENTS,
      },
    ],
    series: [
      {},
      ...data.series.map(({ label, colour: name, shape }): uPlot.Series => {
        const stroke = colour(name);
        if (shape === "area") {
          return {
            label,
            stroke,
            width: 1.25,
            fill: withAlpha(stroke, 0.16),
            points: { show: false },
          };
        }
        if (shape === "line") return { label, stroke, width: 1.25, points: { show: false } };
        const paths = uPlot.paths.bars?.({ size: [0.78, 24], radius: 0.15 });
        return {
          label,
          stroke,
          fill: stroke,
          width: 0,
          points: { show: false },
          ...(paths ? { paths } : {}),
        };
      }),
    ],
    hooks: {
      drawClear: [(plot) => drawBands(plot, data, colour)],
      setCursor: [
        (plot) => {
          const { idx, left } = plot.cursor;
          onPoint(idx == null || left === undefined || left < 0 ? null : { index: idx, left });
        },
      ],
    },
  };
}

function stepOf([first = 0, second = first]: readonly number[]): number {
  return second - first;
}

function drawBands(plot: uPlot, { bands = [] }: ChartData, colour: (name: string) => string): void {
  const { ctx, bbox } = plot;
  ctx.save();
  for (const { from, to, label, tone } of bands) {
    const left = Math.max(bbox.left, plot.valToPos(from, "x", true));
    const right = Math.min(bbox.left + bbox.width, plot.valToPos(to, "x", true));
    ctx.fillStyle = colour(`${tone}-soft`);
    ctx.fillRect(left, bbox.top, Math.max(2, right - left), bbox.height);
    ctx.fillStyle = colour("fg-2");
    ctx.font = `${11 * devicePixelRatio}px 'Geist Variable', sans-serif`;
    ctx.textAlign = "right";
    ctx.fillText(label, left - 6 * devicePixelRatio, bbox.top + 12 * devicePixelRatio);
  }
  ctx.restore();
}

function colourOf(element: HTMLElement, name: string): string {
  const probe = document.createElement("span");
  probe.style.color = `var(--${name})`;
  element.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}

/** `oklch(…)` and `rgb(…)` take an alpha alike. */
function withAlpha(colour: string, alpha: number): string {
  return colour.includes("/")
    ? colour
    : colour.replace(/\)$/, ` / ${alpha})`).replace(/^rgb\((\d+), (\d+), (\d+)/, "rgb($1 $2 $3");
}
