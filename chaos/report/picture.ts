import { mergeWindows } from '../checks/coverage.ts';
import type { Second } from '../load/seconds.ts';
import type { CampaignReport, ReportedFault } from './campaign-report.ts';

/**
 * A campaign as a picture: four panels over one axis of time, with the windows of the faults behind them. Drawn by hand,
 * as what could draw it brings a browser or a scene graph: these are lines and rectangles.
 */

const WIDTH = 1400;
const LEFT = 190;
const RIGHT = 20;
const TOP = 70;
const PANEL_HEIGHT = 150;
const GAP = 34;
/** A lane for each kind of fault. */
const LANE_HEIGHT = 16;
const LABEL_EVERY_PIXELS = 90;
/** Colours that stay apart from each other for any number of kinds: the golden angle. */
const HUE_STEP_DEGREES = 137.5;

interface Scale {
  readonly fromMs: number;
  readonly toMs: number;
}

interface Line {
  readonly name: string;
  readonly colour: string;
  readonly value: (second: Second) => number | null;
}

interface Panel {
  readonly title: string;
  readonly lines: readonly Line[];
}

const PANELS: readonly Panel[] = [
  {
    title: 'orders a second',
    lines: [
      { name: 'created', colour: '#1668b8', value: ({ created }) => created },
      { name: 'settled', colour: '#1f8a4c', value: ({ settled }) => settled },
    ],
  },
  { title: 'orders not final', lines: [{ name: 'not final', colour: '#b3541e', value: ({ notFinal }) => notFinal }] },
  {
    title: 'requests a second',
    lines: [
      { name: 'answered', colour: '#5b5f97', value: ({ answered, failed }) => answered - failed },
      { name: 'without a good answer', colour: '#c0222b', value: ({ failed }) => failed },
    ],
  },
  {
    title: 'answer time, ms',
    lines: [
      { name: 'median', colour: '#5b5f97', value: ({ medianMs }) => medianMs },
      { name: '99 of 100', colour: '#a0559f', value: ({ p99Ms }) => p99Ms },
    ],
  },
];

/** @returns the text of an SVG file */
export function drawCampaign(report: CampaignReport): string {
  const { seconds, faults, end } = report;
  const fromMs = seconds[0]?.atMs ?? end.lastHealAtMs;
  const toMs = Math.max(seconds.at(-1)?.atMs ?? 0, fromMs + 1000);
  const scale = { fromMs, toMs };
  const kinds = Object.keys(faults.kinds);
  const lanesTop = TOP + PANELS.length * (PANEL_HEIGHT + GAP);
  const height = lanesTop + (kinds.length + 2) * LANE_HEIGHT + 60;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" font-family="system-ui, sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${height}" fill="#fff"/>`,
    text(LEFT, 26, headline(report), 'font-size="17" font-weight="600"'),
    text(LEFT, 46, summary(report), 'fill="#555"'),
    ...windowsBehind(faults.records, scale, TOP, lanesTop - GAP),
    ...PANELS.flatMap((panel, index) => drawPanel(panel, seconds, scale, TOP + index * (PANEL_HEIGHT + GAP))),
    ...drawLanes(report, kinds, scale, lanesTop),
    ...marks(report, scale, TOP, height - 46),
    ...timeAxis(scale, height - 30),
    '</svg>',
    '',
  ].join('\n');
}

function headline({ verdict, seed, minutes, complaints }: CampaignReport): string {
  const why = complaints.length === 0 ? '' : `: ${complaints.join('; ')}`;
  return `Campaign of ${minutes.toFixed(1)} minutes, seed ${seed}: ${verdict}${why}`;
}

function summary({ load, faults, audits, violations, end }: CampaignReport): string {
  const after =
    end.allFinalAfterMs === null
      ? 'not all final'
      : `all final ${(end.allFinalAfterMs / 1000).toFixed(1)} s after the last heal`;
  return `${load.orders} orders of ${load.accounts} accounts, ${faults.count} faults of ${Object.keys(faults.kinds).length} kinds, ${audits.count} audits, ${violations.count} violations, ${after}`;
}

function windowsBehind(records: readonly ReportedFault[], scale: Scale, top: number, bottom: number): string[] {
  return mergeWindows(records).map(({ fromMs, toMs }) => rectangle(scale, fromMs, toMs, top, bottom - top, '#f3ece2'));
}

function drawPanel({ title, lines }: Panel, seconds: readonly Second[], scale: Scale, top: number): string[] {
  const bottom = top + PANEL_HEIGHT;
  const most = roundUp(Math.max(1, ...lines.flatMap(({ value }) => seconds.map((second) => value(second) ?? 0))));
  const y = (value: number): number => bottom - (value / most) * PANEL_HEIGHT;
  const legend = lines.map(({ name, colour }, index) =>
    text(LEFT + 150 + index * 160, top - 6, `— ${name}`, `fill="${colour}"`),
  );
  return [
    text(LEFT, top - 6, title, 'font-weight="600"'),
    ...legend,
    `<path d="M${LEFT} ${top}V${bottom}H${WIDTH - RIGHT}" fill="none" stroke="#999"/>`,
    text(LEFT - 8, top + 10, String(most), 'text-anchor="end" fill="#555"'),
    text(LEFT - 8, bottom, '0', 'text-anchor="end" fill="#555"'),
    ...lines.map(
      ({ value, colour }) =>
        `<path d="${pathOf(seconds, value, scale, y)}" fill="none" stroke="${colour}" stroke-width="1.2"/>`,
    ),
  ];
}

/** A gap where there is no value. */
function pathOf(seconds: readonly Second[], value: Line['value'], scale: Scale, y: (value: number) => number): string {
  let isDrawing = false;
  return seconds
    .map((second) => {
      const at = value(second);
      const command = at === null ? '' : `${isDrawing ? 'L' : 'M'}${x(scale, second.atMs)} ${y(at).toFixed(1)}`;
      isDrawing = at !== null;
      return command;
    })
    .join('');
}

/** One lane for each kind; below them the audits, a tick each. */
function drawLanes({ faults, audits }: CampaignReport, kinds: readonly string[], scale: Scale, top: number): string[] {
  const lanes = kinds.flatMap((kind, index) => {
    const laneTop = top + index * LANE_HEIGHT;
    const colour = `hsl(${((index * HUE_STEP_DEGREES) % 360).toFixed(0)} 60% 45%)`;
    const ofKind = faults.records.filter((record) => record.kind === kind);
    return [
      text(LEFT - 8, laneTop + 11, kind, `text-anchor="end" font-size="10" fill="${colour}"`),
      ...ofKind.map(({ startedAtMs, healedAtMs, hit }) =>
        rectangle(scale, startedAtMs, healedAtMs, laneTop + 2, LANE_HEIGHT - 4, colour, hit ? 1 : 0.35),
      ),
    ];
  });
  const auditsTop = top + kinds.length * LANE_HEIGHT + 4;
  const ticks = audits.records.map(({ startedAtMs, error, violations }) => {
    const colour = error !== null ? '#bbb' : violations > 0 ? '#c0222b' : '#1f8a4c';
    return `<path d="M${x(scale, startedAtMs)} ${auditsTop}v${LANE_HEIGHT - 4}" stroke="${colour}" stroke-width="1.5"/>`;
  });
  return [
    ...lanes,
    text(LEFT - 8, auditsTop + 10, 'audits', 'text-anchor="end" font-size="10" fill="#1f8a4c"'),
    ...ticks,
    text(
      LEFT,
      auditsTop + 28,
      'pale: the fault did nothing · grey audit: a database was away · red audit: a violation',
      'font-size="10" fill="#777"',
    ),
  ];
}

function marks({ end }: CampaignReport, scale: Scale, top: number, bottom: number): string[] {
  const { lastHealAtMs, allFinalAtMs } = end;
  const found: readonly (readonly [atMs: number | null, name: string, colour: string, down: number])[] = [
    [lastHealAtMs, 'last heal', '#333', 10],
    [allFinalAtMs, 'all final', '#1f8a4c', 24],
  ];
  return found.flatMap(([atMs, name, colour, down]) =>
    atMs === null
      ? []
      : [
          `<path d="M${x(scale, atMs)} ${top}V${bottom}" stroke="${colour}" stroke-dasharray="4 3"/>`,
          text(Number(x(scale, atMs)) - 4, top + down, name, `text-anchor="end" fill="${colour}"`),
        ],
  );
}

function timeAxis(scale: Scale, y: number): string[] {
  const lengthS = (scale.toMs - scale.fromMs) / 1000;
  const steps = [10, 30, 60, 120, 300, 600, 1800, 3600];
  const room = (WIDTH - LEFT - RIGHT) / LABEL_EVERY_PIXELS;
  const stepS = steps.find((step) => lengthS / step <= room) ?? 7200;
  return Array.from({ length: Math.floor(lengthS / stepS) + 1 }, (_, index) => {
    const atS = index * stepS;
    const label = `${Math.floor(atS / 60)}:${String(atS % 60).padStart(2, '0')}`;
    return text(Number(x(scale, scale.fromMs + atS * 1000)), y, label, 'text-anchor="middle" fill="#555"');
  });
}

function x({ fromMs, toMs }: Scale, atMs: number): string {
  return (LEFT + ((atMs - fromMs) / (toMs - fromMs)) * (WIDTH - LEFT - RIGHT)).toFixed(1);
}

/** At least a pixel wide, so that a short fault is seen. */
function rectangle(
  scale: Scale,
  fromMs: number,
  toMs: number,
  top: number,
  height: number,
  fill: string,
  opacity = 1,
): string {
  const from = Number(x(scale, fromMs));
  const width = Math.max(1, Number(x(scale, toMs)) - from);
  return `<rect x="${from}" y="${top}" width="${width.toFixed(1)}" height="${height}" fill="${fill}" opacity="${opacity}"/>`;
}

function text(atX: number, y: number, content: string, attributes = ''): string {
  const escaped = content.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return `<text x="${atX}" y="${y}" ${attributes}>${escaped}</text>`;
}

/** One digit and zeros. */
function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return Math.ceil(value / power) * power;
}
