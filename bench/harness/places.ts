import { ownKafka, type OwnKafka } from '../../test/support/own-cluster.ts';
import { startSystem, type System } from '../../test/support/own-system.ts';
import { openPaymentsRoom, type PaymentsRoom } from '../backlog/payments-room.ts';

interface Place {
  stop(): Promise<void>;
}

/** Kafka, and nothing else. */
export type Kafka = Pick<OwnKafka, 'brokers'> & Place;

/**
 * Where benchmarks measure. Each benchmark of a full run has places of its own, as new as they can be; those of a look
 * share one of each kind, since starting them is most of what a look takes.
 */
export class Places {
  readonly #shares: boolean;
  readonly #shared: Place[] = [];
  #system: Promise<System> | null = null;
  #payments: Promise<PaymentsRoom> | null = null;
  #kafka: Promise<Kafka> | null = null;

  constructor(shares: boolean) {
    this.#shares = shares;
  }

  /** One node of each service. */
  async system(): Promise<System> {
    if (!this.#shares) return startSystem();
    this.#system ??= startSystem().then((system) => this.#keep(system));
    return this.#system;
  }

  async payments(): Promise<PaymentsRoom> {
    if (!this.#shares) return openPaymentsRoom();
    this.#payments ??= openPaymentsRoom().then((room) => this.#keep(room));
    return this.#payments;
  }

  /** Kafka alone. */
  async kafka(): Promise<Kafka> {
    const start = async (): Promise<Kafka> => asPlace(await ownKafka({ isForLong: true }));
    if (!this.#shares) return start();
    this.#kafka ??= start().then((kafka) => this.#keep(kafka));
    return this.#kafka;
  }

  /** Ends what is shared. */
  async close(): Promise<void> {
    await Promise.all(this.#shared.map((place) => place.stop()));
  }

  /** @returns it, for who would end it */
  #keep<Kept extends Place>(place: Kept): Kept {
    this.#shared.push(place);
    return { ...place, stop: () => Promise.resolve() };
  }
}

function asPlace(kafka: OwnKafka): Kafka {
  return { brokers: kafka.brokers, stop: () => kafka.remove() };
}
