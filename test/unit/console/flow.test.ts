import { Flow, FLOW_COLUMNS, percentile, type FlowColumn } from '../../../console/flow.ts';
import type { Figures } from '../../../contract/figures.ts';

function told(nodeId: string, names: readonly string[], rows: Figures['rows']): Figures {
  return { nodeId, version: '1', startedAt: '2026-01-01T00:00:00.000Z', ring: 'seconds', names, rows };
}

function column(flow: Flow, name: FlowColumn, at: number): number | null {
  return flow.row(at)[FLOW_COLUMNS.indexOf(name) + 1] ?? null;
}

test('counters of several nodes become one rate; what a node did before a restart is not counted again', () => {
  const flow = new Flow('seconds');
  flow.add(
    told(
      'orders-0',
      ['finished'],
      [
        [100, 5],
        [101, 8],
        [102, 2],
      ],
    ),
  );
  flow.add(
    told(
      'orders-1',
      ['finished'],
      [
        [100, 50],
        [101, 51],
      ],
    ),
  );
  expect(column(flow, 'finished', 101)).toBe(4);
  expect(column(flow, 'finished', 102)).toBe(2);
});

test('what nobody told is a gap, and never 0', () => {
  const flow = new Flow('seconds');
  flow.add(
    told(
      'orders-0',
      ['age:orders'],
      [
        [100, 3],
        [101, null],
      ],
    ),
  );
  expect(column(flow, 'ageOrders', 100)).toBe(3);
  expect(column(flow, 'ageOrders', 101)).toBeNull();
  expect(column(flow, 'finished', 101)).toBeNull();
  expect(
    flow
      .row(500)
      .slice(1)
      .every((value) => value === null),
  ).toBe(true);
});

test('of ages the oldest counts, backlogs add up', () => {
  const flow = new Flow('seconds');
  flow.add(told('orders-0', ['age:orders', 'backlog:orders'], [[100, 3, 10]]));
  flow.add(told('orders-1', ['age:orders', 'backlog:orders'], [[100, 7, 5]]));
  expect(column(flow, 'ageOrders', 100)).toBe(7);
  expect(column(flow, 'backlogOrders', 100)).toBe(15);
});

test('percentiles are of what became final within ten seconds', () => {
  const flow = new Flow('seconds');
  const names = ['settled<=0.1', 'settled<=1', 'settled<=+Inf'];
  flow.add(
    told('orders-0', names, [
      [100, 0, 0, 0],
      [110, 90, 100, 100],
    ]),
  );
  expect(column(flow, 'p50', 110)).toBeCloseTo(0.0556, 3);
  expect(column(flow, 'p99', 110)).toBeCloseTo(0.91, 2);
  expect(column(flow, 'p50', 109)).toBeNull();
});

test('a percentile beyond the last bound is that bound; of nothing there is none', () => {
  const buckets = [
    { upTo: 1, count: 1 },
    { upTo: Infinity, count: 10 },
  ];
  expect(percentile(buckets, 0.99)).toBe(1);
  expect(percentile([{ upTo: 1, count: 0 }], 0.5)).toBeNull();
});

test('a node is asked only for what it has not told', () => {
  const flow = new Flow('seconds');
  expect(flow.knownUntil('orders-0')).toBe(0);
  flow.add(
    told(
      'orders-0',
      ['heap'],
      [
        [100, 1],
        [101, 2],
      ],
    ),
  );
  expect(flow.knownUntil('orders-0')).toBe(101);
  expect(flow.series('orders-0', 'heap', 3)).toEqual([null, 1, 2]);
});
