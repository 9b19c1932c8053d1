import { round } from './run-benchmark.ts';
import type { BenchmarkSummary } from './summary.ts';

const WIDTH = 760;
const LABELS = 230;
const VALUES = 110;
const ROW = 34;
const TOP = 52;
const COLOURS = { product: '#2563eb', peer: '#9ca3af', floor: '#16a34a' };

/** Draws a benchmark as bars: medians, with a line from the least to the most of all rounds. */
export function drawChart({ title, charted, variants }: BenchmarkSummary): string {
  const rows = variants.flatMap(({ variant, kind, figures }) => {
    const spread = figures[charted];
    return spread === undefined ? [] : [{ variant, kind, spread }];
  });
  const most = Math.max(...rows.map(({ spread }) => spread.most), Number.MIN_VALUE);
  const x = (value: number): number => LABELS + (value / most) * (WIDTH - LABELS - VALUES);
  const height = TOP + rows.length * ROW + 16;
  const bars = rows.map(({ variant, kind, spread }, index) => {
    const y = TOP + index * ROW;
    return [
      `<text x="${LABELS - 10}" y="${y + 16}" text-anchor="end">${escape(variant)}</text>`,
      `<rect x="${LABELS}" y="${y}" width="${(x(spread.median) - LABELS).toFixed(1)}" height="22" rx="3" fill="${COLOURS[kind]}"/>`,
      `<path d="M${x(spread.least).toFixed(1)} ${y + 11}H${x(spread.most).toFixed(1)}" stroke="#111827" stroke-width="1.5"/>`,
      `<text x="${(x(spread.most) + 8).toFixed(1)}" y="${y + 16}">${round(spread.median)}</text>`,
    ].join('');
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="system-ui, sans-serif" font-size="13" fill="#111827">`,
    `<rect width="${WIDTH}" height="${height}" fill="#fff"/>`,
    `<text x="16" y="24" font-size="15" font-weight="600">${escape(title)}</text>`,
    `<text x="16" y="42" fill="#6b7280">${escape(charted)}, median, least to most of all rounds; blue: this system, green: floor, grey: peer</text>`,
    ...bars,
    '</svg>',
    '',
  ].join('\n');
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
