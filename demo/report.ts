import type { AuditReport } from '../audit/report.ts';
import { painter } from '../terminal/colours.js';
import type { DemoCheck } from './book.ts';
import type { Place } from './place.ts';
import type { Played } from './play.ts';

/** What the demo saw, for a reader. Pure. */
export function describePlayed({ accepted, repeated, checks }: Played, coloured: boolean): string {
  const paint = painter(coloured);
  return [
    '',
    `  ${accepted.length} orders were accepted; ${repeated.length} of them were sent again under their key.`,
    '',
    ...checks.map(({ name, violations, examples }) =>
      violations === 0
        ? `  ${paint('green', 'ok')}    ${name}`
        : `  ${paint('red', 'WRONG')} ${name}: ${violations} times not (${examples.join(', ')})`,
    ),
    '',
  ].join('\n');
}

/** Where to look on. */
export function describePages({ apiUrl }: Place, { survivor, accepted }: Played): string {
  const orderId = survivor ?? accepted.at(-1)?.orderId;
  const rows = [
    ['Console', `${apiUrl}/console`],
    ['Calls', `${apiUrl}/docs`],
    [
      survivor === null ? 'An order' : 'Survivor',
      `${apiUrl}/console/orders/${orderId ?? ''}${survivor === null ? '' : '   accepted while no payments node was alive, and paid'}`,
    ],
  ] as const;
  return ['', ...rows.map(([label, value]) => `  ${label.padEnd(10)}${value}`), ''].join('\n');
}

/** Whether all is as promised. */
export function isAsPromised(checks: readonly DemoCheck[], audit: AuditReport): boolean {
  return checks.every(({ violations }) => violations === 0) && audit.violationCount === 0;
}

/** For scripts. */
export function jsonOf(place: Place, played: Played, audit: AuditReport, startedHere: boolean): string {
  const { accepted, repeated, crash, noCrashBecause, checks, survivor } = played;
  const result = {
    asPromised: isAsPromised(checks, audit),
    startedHere,
    api: place.apiUrl,
    orders: accepted.length,
    sentTwice: repeated.length,
    crash: crash && {
      node: 'payments',
      pid: crash.pid,
      nextPid: crash.nextPid,
      awayMs: Math.round(crash.backAt - crash.killedAt),
    },
    noCrashBecause,
    survivor: survivor && { orderId: survivor, url: `${place.apiUrl}/api/orders/${survivor}` },
    checks,
    audit,
  };
  return JSON.stringify(result, null, 2);
}
