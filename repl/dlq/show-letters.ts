import type { ActReport, ListedAct, ListedLetter, OutcomeCounts } from '../../contract/dead-letters.ts';

/** Text after a call over the bus; a service of the same process answers it as it has it. */
export type Time = string | Date;

/** An error is a sentence or a stack; a line of a table holds its beginning, and `show` all of it. */
const MAX_CELL_CHARACTERS = 80;

/** Columns as wide as their longest cell; the last one is not filled up. */
export function columns(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = [head, ...rows].map((row) => row.map(oneLine));
  const widths = head.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  return cells
    .map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd())
    .join('\n');
}

function oneLine(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ');
  return line.length > MAX_CELL_CHARACTERS ? `${line.slice(0, MAX_CELL_CHARACTERS - 1)}…` : line;
}

/** `2026-11-23 07:30:01`, UTC. */
export function timeText(time: Time): string {
  return new Date(time).toISOString().slice(0, 19).replace('T', ' ');
}

export function lettersText(letters: readonly ListedLetter<Time>[]): string {
  return columns(
    ['id', 'parked (UTC)', 'cause', 'type', 'aggregate', 'behind', 'tried', 'error'],
    letters.map(({ id, parkedAt, reason, type, aggregate, behind, attempts, error }) => [
      id,
      timeText(parkedAt),
      reason,
      type ?? '-',
      aggregate ?? '-',
      behind === 0 ? '-' : String(behind),
      attempts === 0 ? '-' : String(attempts),
      error,
    ]),
  );
}

export function countsText(counts: OutcomeCounts): string {
  const parts = Object.entries(counts).map(([outcome, count]) => `${outcome} ${count}`);
  return parts.length === 0 ? 'no letters' : parts.join(', ');
}

export function reportText({ act, what, dryRun, counts, letters, note }: ActReport): string {
  const reported = letters.length < Object.values(counts).reduce((sum, count) => sum + count, 0);
  return [
    `${dryRun ? `Dry run of a ${what}` : what === 'replay' ? 'Replay' : 'Discard'} (act ${act}): ${countsText(counts)}.`,
    ...(letters.length > 0
      ? [
          columns(
            ['id', 'aggregate', 'outcome', ''],
            letters.map(({ id, aggregate, outcome, detail }) => [id, aggregate ?? '-', outcome, detail ?? '']),
          ),
        ]
      : []),
    ...(reported ? ['  … the others are in the table dead_letter_act_letters.'] : []),
    ...(note !== null && !dryRun ? [note] : []),
  ].join('\n');
}

export function actsText(acts: readonly ListedAct<Time>[]): string {
  return columns(
    ['act', 'began (UTC)', 'what', 'by', 'reason', 'outcome', ''],
    acts.map((act) => [
      act.id,
      timeText(act.beganAt),
      `${act.dryRun ? 'dry run, ' : ''}${act.what}${act.side === 'relay' ? ', relay' : ''}`,
      act.by,
      act.why,
      act.outcome ?? 'not ended',
      act.error ?? (act.counts === null ? '' : countsText(act.counts)),
    ]),
  );
}
