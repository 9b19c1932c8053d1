import { fit, predict, type Point } from '../../../bench/model/model.ts';
import { sizeFor } from '../../../bench/model/scale.ts';

/** 2 cores, 300 + 2000/n µs in two parts; of N orders the root of N share a step. */
function pointOf(clients: number): Point {
  const batch = Math.sqrt(clients);
  const demandS = { node: (100 + 1500 / batch) / 1e6, database: (200 + 500 / batch) / 1e6 };
  return { clients, batch, demandS, perSecond: 2 / (demandS.node + demandS.database) };
}

test('the model finds what made the points, and predicts those between', () => {
  const model = fit(pointOf(1), pointOf(256));
  expect(model.perOrderS['node']).toBeCloseTo(100e-6, 9);
  expect(model.perStepS['database']).toBeCloseTo(500e-6, 9);
  expect(model).toMatchObject({ cores: expect.closeTo(2, 6) as number, exponent: expect.closeTo(0.5, 6) as number });
  for (const clients of [1, 16, 64, 256]) {
    const said = predict(model, clients);
    expect(said.perSecond).toBeCloseTo(pointOf(clients).perSecond, 6);
    expect(said.responseS).toBeCloseTo(clients / said.perSecond, 9);
  }
});

test('what does not go on as it ships is named, the first one first', () => {
  const perOrderS = { gateway: 200e-6, orders: 150e-6, payments: 100e-6, kafka: 100e-6, postgres: 200e-6 };
  const demand = { perOrderS, walBytes: 5000 };
  expect(sizeFor(demand, 2000).breaks).toEqual([]);
  const large = sizeFor(demand, 200_000);
  expect(large.breaks[0]).toMatch(/^one node of each service/);
  expect(large.breaks.at(1)).toMatch(/partitions|lanes/);
  expect(large.payments).toBe(34);
  expect(large.shards).toBe(2);
});
