import { spawnSync } from 'node:child_process';
import type { CampaignReport } from '../../chaos/report/campaign-report.ts';
import { projectRoot } from '../../start/project-root.ts';

const MINUTES = 5;
/** The faults and requests of every run of this test. */
const SEED = 5;
/** Building toxiproxy, starting, healing and checking come on top. */
const TIMEOUT_MS = (MINUTES + 8) * 60_000;
/** A report of five minutes is some hundred kilobytes. */
const MAX_REPORT_BYTES = 64 * 2 ** 20;

test(
  'five minutes of faults under load violate no invariant, and tried enough to say so',
  () => {
    const args = [
      'start/on-node-24.js',
      'chaos/chaos.ts',
      '--minutes',
      String(MINUTES),
      '--seed',
      String(SEED),
      '--json',
    ];
    const { status, stdout, stderr } = spawnSync(process.execPath, args, {
      cwd: projectRoot(),
      encoding: 'utf8',
      timeout: TIMEOUT_MS,
      maxBuffer: MAX_REPORT_BYTES,
    });
    // What it said on the way is what helps when it fails.
    if (status !== 0) console.log(stderr);
    expect(stdout).not.toBe('');
    const { verdict, complaints, violations, ...report } = JSON.parse(stdout) as CampaignReport;
    expect({ verdict, complaints, violations }).toEqual({
      verdict: 'held',
      complaints: [],
      violations: { count: 0, examples: [] },
    });
    expect(status).toBe(0);
    // The verdict's own measure, once more: no campaign without faults, work and looks passes.
    expect(report.faults.count).toBeGreaterThanOrEqual(16);
    const kindsThatHit = Object.values(report.faults.kinds).filter(({ hitWork }) => hitWork > 0);
    expect(kindsThatHit.length).toBeGreaterThanOrEqual(12);
    expect(report.faults.records.some(({ orderIds }) => orderIds.length > 0)).toBe(true);
    expect(report.load.accounts).toBeGreaterThanOrEqual(1000);
    expect(report.load.orders).toBeGreaterThanOrEqual(1666);
    expect(report.audits.count).toBeGreaterThanOrEqual(16);
    expect(report.audits.duringFaults).toBeGreaterThan(0);
    expect(report.load.postsAskedAgain).toBeGreaterThan(0);
    expect(report.end.readThroughRest['orders']).toBe(report.load.orders);
  },
  TIMEOUT_MS,
);
