import { versionBy } from '../../../doctor/broker-version.ts';
import { leakRow } from '../../../doctor/kafka-rows.ts';
import { tableOf } from '../../../doctor/table.js';

test('topics of nodes whose ids were made up are leaked, those of leased ids are not', () => {
  const leased = ['MOL.INFO', 'MOL.REQ.orders-0', 'MOL.RES.api-12', 'orders.events.v1'];
  expect(leakRow('', leased)).toMatchObject({ status: 'ok', found: '3, of 2 nodes with leased ids' });
  expect(leakRow('', [...leased, 'MOL.REQ.laptop-4711', 'MOL.RES.laptop-4711'])).toMatchObject({
    status: 'warn',
    found: '5, some of 1 nodes with ids of their own, such as laptop-4711',
  });
  expect(leakRow('shop', ['MOL.REQ.laptop-4711'])).toMatchObject({ status: 'ok' });
});

test.each<[string, [number, number][]]>([
  [
    '4.1 or newer',
    [
      [0, 3],
      [68, 0],
      [88, 0],
    ],
  ],
  [
    '4.0',
    [
      [0, 3],
      [68, 0],
    ],
  ],
  [
    '3.5 to 3.9',
    [
      [0, 0],
      [68, 0],
    ],
  ],
  ['older than 3.5', [[0, 0]]],
])('a broker that is %s is known by its requests', (version, apis) => {
  expect(versionBy(new Map(apis))).toBe(version);
});

test('the table names each check, and what to do about it, without escape codes unless they are wanted', () => {
  const rows = [
    { name: 'Java', status: 'fail', found: 'not found', needed: '17', fix: 'install it' } as const,
    { name: 'npm', status: 'ok', found: '11', needed: '9' } as const,
  ];
  const table = tableOf(rows, false);
  expect(table).toMatch(/Java +fail +not found +17\n +fix: install it\n +npm +ok/);
  expect(table).toContain('1 of 2 checks fail');
  expect(table).not.toContain('\x1b');
  expect(tableOf(rows, true)).toContain('\x1b[31mfail');
});
