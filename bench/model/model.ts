/** What was measured with so many clients in a closed loop. */
export interface Point {
  readonly clients: number;
  readonly perSecond: number;
  /** Processor time of an order, in seconds, by part. */
  readonly demandS: Readonly<Record<string, number>>;
  /** Orders that share a transaction. */
  readonly batch: number;
}

/** The fitted model. */
export interface Model {
  /** What each order costs a part, in seconds, however many share a step. */
  readonly perOrderS: Readonly<Record<string, number>>;
  /** What a step costs a part, in seconds, however many orders share it. */
  readonly perStepS: Readonly<Record<string, number>>;
  /** Of N orders under way, N to this power share a step. */
  readonly exponent: number;
  /** Cores that all parts together get: those of the machine, less the load generator's. */
  readonly cores: number;
}

export interface Prediction {
  readonly perSecond: number;
  readonly responseS: number;
  readonly demandS: number;
  readonly batch: number;
}

/**
 * A closed network whose bottleneck is the processor, with batches. An order's demand falls as more orders share each step:
 * D(n) = v + f/n; of N orders under way n = N^a do. Throughput is the asymptotic bound C / D(n) (Denning and Buzen 1978), and the
 * time of an order, by Little's law, N / X.
 *
 * @param alone one client: what a step costs beside an order
 * @param full so many that the cores are full
 * @returns the model of both demands; its throughput goes through the second point only
 */
export function fit(alone: Point, full: Point): Model {
  const n = full.batch;
  const perOrderS = mapValues(full.demandS, (part, atFull) => {
    const atOne = alone.demandS[part] ?? atFull;
    return Math.max(0, (atFull - atOne / n) / (1 - 1 / n));
  });
  const perStepS = mapValues(alone.demandS, (part, atOne) => Math.max(0, atOne - (perOrderS[part] ?? 0)));
  const demandS = sum(perOrderS) + sum(perStepS) / n;
  return { perOrderS, perStepS, exponent: Math.log(n) / Math.log(full.clients), cores: full.perSecond * demandS };
}

/** @param clients in a closed loop */
export function predict(model: Model, clients: number): Prediction {
  const batch = clients ** model.exponent;
  const demandS = sum(model.perOrderS) + sum(model.perStepS) / batch;
  const perSecond = model.cores / demandS;
  return { perSecond, responseS: clients / perSecond, demandS, batch };
}

export function sum(values: Readonly<Record<string, number>>): number {
  return Object.values(values).reduce((total, each) => total + each, 0);
}

function mapValues(
  values: Readonly<Record<string, number>>,
  change: (name: string, value: number) => number,
): Record<string, number> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, change(name, value)]));
}
