import { countOlderThan } from '../../../mixins/inbox/replay/older-than-inbox.ts';

const HORIZON = Date.parse('2026-01-01T00:00:00Z');
const idAt = (ms: number, version = '7'): { eventId: string } => {
  const hex = ms.toString(16).padStart(12, '0');
  return { eventId: `${hex.slice(0, 8)}-${hex.slice(8)}-${version}abc-8def-000000000000` };
};

test('events are older than the inbox when their ids are from before its oldest week', () => {
  expect(countOlderThan([idAt(HORIZON - 1), idAt(HORIZON), idAt(HORIZON + 1)], HORIZON)).toBe(1);
});

test('ids without a time, and an inbox without weeks, say nothing', () => {
  expect(countOlderThan([idAt(HORIZON - 1, '4')], HORIZON)).toBe(0);
  expect(countOlderThan([idAt(HORIZON - 1)], null)).toBe(0);
});
