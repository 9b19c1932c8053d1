import { performance } from 'node:perf_hooks';
import type { ServiceBroker } from 'moleculer';
import { RINGS, type RingName } from '../contract/figures.ts';
import { FigureRing } from './figure-ring.ts';
import { readKeyFigures } from './key-figures.ts';
import { registryOf } from './registry.ts';

const MS = 1000;

const recorders = new WeakMap<ServiceBroker, FigureRecorder>();

/** @returns the node's one: several services may share a node */
export function figureRecorderOf(broker: ServiceBroker): FigureRecorder {
  const recorder = recorders.get(broker) ?? new FigureRecorder(broker);
  recorders.set(broker, recorder);
  return recorder;
}

/** Remembers a node's key figures, at the beginning of every second. */
export class FigureRecorder {
  readonly #broker: ServiceBroker;
  readonly #rings: Readonly<Record<RingName, FigureRing>> = {
    seconds: new FigureRing(RINGS.seconds.rows),
    minutes: new FigureRing(RINGS.minutes.rows),
  };
  #users = 0;
  #timer: NodeJS.Timeout | undefined;
  #loop = performance.eventLoopUtilization();

  constructor(broker: ServiceBroker) {
    this.#broker = broker;
  }

  /** Begins; each start has its stop. */
  start(): void {
    this.#users++;
    if (this.#users === 1) this.#wait();
  }

  stop(): void {
    this.#users = Math.max(0, this.#users - 1);
    if (this.#users === 0) clearTimeout(this.#timer);
  }

  ring(name: RingName): FigureRing {
    return this.#rings[name];
  }

  /** @param now milliseconds since the epoch */
  async runOnce(now: number): Promise<void> {
    const at = Math.floor(now / MS);
    const figures = await readKeyFigures(registryOf(this.#broker));
    const loop = performance.eventLoopUtilization();
    figures.set('loop', round(performance.eventLoopUtilization(loop, this.#loop).utilization));
    this.#loop = loop;
    const { heapUsed, rss } = process.memoryUsage();
    figures.set('heap', heapUsed);
    figures.set('rss', rss);
    this.#rings.seconds.add(at, figures);
    if (at % RINGS.minutes.stepS === 0) this.#rings.minutes.add(at, figures);
  }

  #wait(): void {
    this.#timer = setTimeout(
      () => {
        // A node that cannot be read for a second has a gap, and goes on.
        void this.runOnce(Date.now()).catch(() => undefined);
        if (this.#users > 0) this.#wait();
      },
      MS - (Date.now() % MS) + 1,
    ).unref();
  }
}

/** Four digits are as much as anybody sees. */
function round(share: number): number {
  return Math.round(share * 10_000) / 10_000;
}
