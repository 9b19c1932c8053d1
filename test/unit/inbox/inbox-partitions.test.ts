import { uuidv7 } from 'uuidv7';
import { partitionWindow, smallestUuidAt } from '../../../mixins/inbox/inbox-partitions.ts';
import { INBOX_RETENTION_MS, inboxRetention } from '../../../mixins/inbox/inbox-retention.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

test('partitions are wanted for this week and the next four, without gaps', () => {
  const now = Date.parse('2026-11-23T12:00:00Z');
  const { wanted } = partitionWindow(now, 30 * DAY_MS);
  expect(wanted.map((start) => start - (wanted[0] ?? 0))).toEqual([0, 7, 14, 21, 28].map((days) => days * DAY_MS));
  expect(wanted[0]).toBeLessThanOrEqual(now);
  expect(wanted[1]).toBeGreaterThan(now);
});

test('the smallest id of a millisecond sorts before every id of it and after every id before it', () => {
  const before = uuidv7();
  const time = parseInt(before.replaceAll('-', '').slice(0, 12), 16);
  expect(smallestUuidAt(time) <= before).toBe(true);
  expect(smallestUuidAt(time + 1) > before).toBe(true);
  expect(smallestUuidAt(0)).toBe('00000000-0000-0000-0000-000000000000');
});

test('inbox rows outlive the records of a topic as it is designed', () => {
  expect(inboxRetention(30 * DAY_MS)).toEqual({ keepMs: INBOX_RETENTION_MS, warning: null });
  expect(INBOX_RETENTION_MS).toBe(37 * DAY_MS);
});

test('a topic that keeps records longer keeps inbox rows longer, and is spoken of', () => {
  const { keepMs, warning } = inboxRetention(60 * DAY_MS);
  expect(keepMs).toBe(67 * DAY_MS);
  expect(warning).toContain('60 days');
});

test('a topic without retention keeps inbox rows for ever, and is spoken of', () => {
  expect(inboxRetention(null)).toMatchObject({
    keepMs: Infinity,
    warning: expect.stringContaining('for ever') as string,
  });
  expect(partitionWindow(Date.now(), Infinity).dropBefore).toBe(-Infinity);
});
