import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import { html, type Children, type View } from './html.ts';
import { stack } from './stack.ts';
import { theme } from './state.ts';

/** A line or a part of a stacked area, over the same moments as the others. */
export interface Series {
  readonly label: string;
  /** A custom property of the style sheet. */
  readonly color: string;
  readonly values: readonly (number | null)[];
}

export interface ChartOptions {
  readonly title: string;
  /** What it says, in words: a canvas tells nothing to who cannot see it. */
  readonly summary: string;
  /** Seconds since the epoch. */
  readonly moments: readonly number[];
  readonly series: readonly Series[];
  readonly unit: (value: number | null) => string;
  /** Counts that add up; everything else is lines. */
  readonly isStacked?: boolean;
  /** Drawn as a line of its own. */
  readonly threshold?: number;
  /** The axis reaches at least this high: noise around nothing is no mountain. */
  readonly atLeast?: number;
  readonly note?: Children;
}

const AREA_ALPHA = '38';

export function Chart(options: ChartOptions): View {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const newest = useRef(options);
  newest.current = options;
  const isDark = theme.value;
  const isEmpty = options.series.every(({ values }) => values.every((value) => value === null));

  useEffect(() => {
    const parent = box.current;
    if (parent === null || isEmpty) return undefined;
    const made = new uPlot(configure(newest, parent), dataOf(newest.current), parent);
    plot.current = made;
    const resized = new ResizeObserver(() => {
      made.setSize({ width: parent.clientWidth, height: parent.clientHeight });
    });
    resized.observe(parent);
    return () => {
      resized.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [isDark, isEmpty, options.series.length]);
  useEffect(() => {
    plot.current?.setData(dataOf(options));
  }, [options.moments, options.series]);

  return html`<figure class="panel chart" style="margin:0">
    <header><h2>${options.title}</h2></header>
    <div class="body">
      <ul class="legend">
        ${options.series.map(
          ({ label, color, values }) =>
            html`<li>
              <i class="swatch" style=${`background:var(${color})`} aria-hidden="true"></i>${label}
              <b>${options.unit(lastOf(values))}</b>
            </li>`,
        )}
        ${
          options.threshold === undefined
            ? null
            : html`<li>
                <i class="swatch" style="background:var(--bad)" aria-hidden="true"></i>warning from
                ${options.unit(options.threshold)}
              </li>`
        }
      </ul>
      ${
        isEmpty
          ? html`<p class="empty" style="padding:60px 0;text-align:center;max-width:none">
              ${options.note ?? 'Nothing has been measured yet.'}
            </p>`
          : html`<div class="canvas" ref=${box} aria-hidden="true"></div>`
      }
      <figcaption class="visually-hidden">${options.summary}</figcaption>
    </div>
  </figure>`;
}

/** What a line is at now; a gap at its end stays one. */
function lastOf(values: readonly (number | null)[]): number | null {
  return values.at(-1) ?? values.at(-2) ?? null;
}

/** Stacked from the first one upwards, and drawn from the top one down: lines of the lower ones lie before the others. */
function dataOf({ moments, series, isStacked }: ChartOptions): uPlot.AlignedData {
  const values = series.map((each) => [...each.values]);
  return [[...moments], ...(isStacked === true ? stack(values).reverse() : values)];
}

function configure(newest: { readonly current: ChartOptions }, parent: HTMLElement): uPlot.Options {
  const { series, unit, isStacked, threshold, atLeast = 0 } = newest.current;
  const colorOf = (name: string): string => resolveColor(parent, name);
  const text = colorOf('--muted');
  const line = colorOf('--line');
  const drawn = isStacked === true ? [...series].reverse() : series;
  const axis = { stroke: text, font: '11px system-ui, sans-serif', ticks: { show: false } };
  return {
    width: parent.clientWidth,
    height: parent.clientHeight,
    padding: [10, 6, 0, 0],
    legend: { show: false },
    cursor: { drag: { setScale: false, x: false, y: false }, points: { size: 6 } },
    scales: {
      x: { time: true },
      y: { range: (_plot, _least, most) => [0, Math.max(most, atLeast) * 1.08 || 1] },
    },
    axes: [
      { ...axis, grid: { show: false }, space: 70, values: '{HH}:{mm}' },
      {
        ...axis,
        grid: { stroke: line, width: 1 },
        size: 62,
        space: 34,
        values: (_plot, splits) => splits.map((value) => unit(value)),
      },
    ],
    series: [
      {},
      ...drawn.map(({ label, color }): uPlot.Series => {
        const stroke = colorOf(color);
        return {
          label,
          stroke,
          width: 1.5,
          spanGaps: false,
          points: { show: false },
          ...(isStacked === true && { fill: `${stroke}${AREA_ALPHA}` }),
        };
      }),
    ],
    // Each area ends where the one below begins: fills that lay over each other would be grey.
    bands: isStacked === true ? drawn.slice(1).map((_, index) => ({ series: [index + 1, index + 2] })) : [],
    hooks: {
      draw: [
        (plot) => {
          if (threshold === undefined || threshold > (plot.scales['y']?.max ?? 0)) return;
          const y = Math.round(plot.valToPos(threshold, 'y', true));
          const { ctx, bbox } = plot;
          ctx.save();
          ctx.strokeStyle = colorOf('--bad');
          ctx.setLineDash([6, 5]);
          ctx.beginPath();
          ctx.moveTo(bbox.left, y);
          ctx.lineTo(bbox.left + bbox.width, y);
          ctx.stroke();
          ctx.restore();
        },
      ],
    },
    tzDate: (at) => uPlot.tzDate(new Date(at * 1000), 'Etc/UTC'),
  };
}

/** A canvas knows no custom properties. @returns `#rrggbb` */
function resolveColor(parent: HTMLElement, name: string): string {
  const probe = document.createElement('i');
  probe.style.color = `var(${name})`;
  parent.append(probe);
  const channels = getComputedStyle(probe).color.match(/[\d.]+/g) ?? ['0', '0', '0'];
  probe.remove();
  return `#${channels
    .slice(0, 3)
    .map((channel) => Math.round(Number(channel)).toString(16).padStart(2, '0'))
    .join('')}`;
}
