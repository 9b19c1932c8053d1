/** What was measured with so many clients in a closed loop. */
export interface Point {
  readonly clients: number;
  readonly perSecond: number;
  /** Of a POST, in seconds. */
  readonly responseS: number;
  /** Processor time of an order, in seconds, by part. */
  readonly demandS: Readonly<Record<string, number>>;
  /** Orders that share a transaction. */
  readonly batch: number;
}

/** The fitted model. */
export interface Model {
  /** What each order costs a part, in seconds, however many share a step. */
  readonly perOrderS: Readonly<Record<string, number>>;
  /** What a step costs, in seconds, however many orders share it. */
  readonly perBatchS: Readonly<Record<string, number>>;
  /** Orders that share a transaction, for each client: of all orders under way a constant share is in the same step. */
  readonly batchPerClient: number;
  /** Of one order that is alone, in seconds. */
  readonly aloneS: number;
  /** Cores that all parts together get: those of the machine, less the load generator's and what is idle. */
  readonly cores: number;
}

export interface Prediction {
  readonly perSecond: number;
  readonly responseS: number;
  readonly demandS: number;
  readonly batch: number;
}

/**
 * A closed queueing network with batches. An order's demand falls as more of them share each step: D(n) = v + f/n, and by
 * Little's law the orders in one step are a share of those under way: n = k·N. Throughput is that of the balanced job bounds
 * (Zahorjan et al. 1982) for demand D over so many cores: X(N) = N / (R₁ + (N − 1)·D/C), which is 1/R₁ for one client and
 * C/D for many.
 *
 * @param alone one client
 * @param full so many that the cores are full
 * @returns the model that goes through both points
 */
export function fit(alone: Point, full: Point): Model {
  const n = full.batch;
  const perOrderS = mapValues(full.demandS, (part, atFull) => {
    const atOne = alone.demandS[part] ?? atFull;
    return Math.max(0, (atFull - atOne / n) / (1 - 1 / n));
  });
  const perBatchS = mapValues(alone.demandS, (part, atOne) => Math.max(0, atOne - (perOrderS[part] ?? 0)));
  const demandS = sum(perOrderS) + sum(perBatchS) / n;
  const cores = ((full.clients - 1) * demandS) / (full.clients / full.perSecond - alone.responseS);
  return { perOrderS, perBatchS, batchPerClient: n / full.clients, aloneS: alone.responseS, cores };
}

/** @param clients in a closed loop */
export function predict(model: Model, clients: number): Prediction {
  const batch = Math.max(1, model.batchPerClient * clients);
  const demandS = sum(model.perOrderS) + sum(model.perBatchS) / batch;
  const perSecond = clients / (model.aloneS + ((clients - 1) * demandS) / model.cores);
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
