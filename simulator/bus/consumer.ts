import { EventEmitter } from 'node:events';
import type { EachBatchPayload, KafkaMessage } from '../../kafka/client.ts';
import { HEARTBEAT_INTERVAL_MS, type GroupConsumer } from '../../mixins/inbox/group-consumer.ts';
import type { Clock } from '../../mixins/time/clock.ts';
import type { FaultDice } from '../fault-dice.ts';
import type { Process, Scheduler } from '../scheduler.ts';
import { brokersAway, BusError } from './errors.ts';
import type { Group, Membership } from './group.ts';
import type { StoredRecord, Topic } from './topic.ts';

/** One fetch brings at most so many records of a partition. */
const MAX_FETCHED = 6;
/** How long a member waits after a fetch that brought nothing. */
const IDLE_MS = 250;
const EPOCH_MS = Date.UTC(2026, 0, 1);

type RunConfig = NonNullable<Parameters<GroupConsumer['run']>[0]>;

export interface SimulatedConsumerOptions {
  readonly id: string;
  readonly scheduler: Scheduler;
  readonly process: Process;
  readonly clock: Clock;
  readonly dice: FaultDice;
  readonly topic: Topic;
  readonly group: Group;
  readonly bus: { readonly isDown: boolean };
}

/**
 * As kafkajs' consumer with `eachBatch` behaves: it joins, fetches, hands over one batch of a partition at a time,
 * and joins again when a batch, a heartbeat or a fetch ends with the news of a rebalance, once no batch is under way.
 */
export function simulatedConsumer(options: SimulatedConsumerOptions): GroupConsumer {
  const consumer = new SimulatedConsumer(options);
  return {
    events: consumer.events,
    on: (event: string, listener: (payload: never) => void) => {
      consumer.on(event, listener);
    },
    connect: () => consumer.connect(),
    subscribe: () => Promise.resolve(),
    run: (config?: RunConfig) => consumer.run(config),
    disconnect: () => consumer.disconnect(),
  } as unknown as GroupConsumer;
}

class SimulatedConsumer {
  readonly events = { HEARTBEAT: 'heartbeat', GROUP_JOIN: 'join', REBALANCING: 'rebalancing', CRASH: 'crash' };
  readonly #options: SimulatedConsumerOptions;
  readonly #emitter = new EventEmitter();
  #membership: Membership = { generation: 0, partitions: [] };
  /** The next offset to be fetched of each partition of this generation. */
  readonly #positions = new Map<number, number>();
  readonly #busy = new Map<number, Promise<void>>();
  #beatAtMs = -Infinity;
  #isRunning = true;
  #consuming: Promise<void> = Promise.resolve();
  #trouble: Error | null = null;

  constructor(options: SimulatedConsumerOptions) {
    this.#options = options;
  }

  on(event: string, listener: (payload: never) => void): void {
    this.#emitter.on(event, listener as (payload: unknown) => void);
  }

  connect(): Promise<void> {
    return this.#ask('connects', () => undefined);
  }

  async run(config?: RunConfig): Promise<void> {
    try {
      await this.#join();
    } catch (error) {
      this.#emitter.emit(this.events.CRASH, { payload: { error } });
      return;
    }
    this.#consuming = this.#consume(config?.eachBatch ?? (() => Promise.resolve()));
  }

  async disconnect(): Promise<void> {
    this.#isRunning = false;
    await this.#consuming;
    await this.#ask('leaves', () => {
      this.#options.group.leave(this.#options.id);
    });
  }

  async #consume(eachBatch: NonNullable<RunConfig['eachBatch']>): Promise<void> {
    while (this.#isRunning) {
      try {
        await this.#fetchUntilTrouble(eachBatch);
      } catch (error) {
        // kafkajs comes here only when no batch is under way.
        await Promise.all(this.#busy.values());
        if (!this.#running()) return;
        this.#trouble = null;
        const { type } = error as BusError;
        if (!/REBALANCE|GENERATION|UNKNOWN_MEMBER/.test(type)) {
          await this.#pause(IDLE_MS);
          continue;
        }
        this.#emitter.emit(this.events.REBALANCING, { payload: {} });
        try {
          await this.#join();
        } catch (crash) {
          this.#emitter.emit(this.events.CRASH, { payload: { error: crash } });
          return;
        }
      }
    }
    await Promise.all(this.#busy.values());
  }

  async #fetchUntilTrouble(eachBatch: NonNullable<RunConfig['eachBatch']>): Promise<void> {
    while (this.#isRunning) {
      if (this.#trouble !== null) throw this.#trouble;
      const batches = await this.#fetch();
      if (!this.#running()) return;
      for (const [partition, records] of batches) this.#handle(partition, records, eachBatch);
      if (batches.length > 0) continue;
      await this.#heartbeat();
      await this.#pause(IDLE_MS);
    }
  }

  #handle(partition: number, records: readonly StoredRecord[], eachBatch: NonNullable<RunConfig['eachBatch']>): void {
    const { generation } = this.#membership;
    const payload = {
      batch: { topic: this.#options.topic.name, partition, messages: records.map(toMessage) },
      resolveOffset: (offset: string) => {
        if (generation === this.#membership.generation) this.#positions.set(partition, parseInt(offset, 10) + 1);
      },
      heartbeat: () => this.#heartbeat(),
      commitOffsetsIfNecessary: (offsets: CommitRequest) => this.#commit(offsets),
    } as unknown as EachBatchPayload;
    const work = eachBatch(payload)
      .catch((error: unknown) => {
        this.#trouble ??= error as Error;
      })
      .finally(() => {
        this.#busy.delete(partition);
      });
    this.#busy.set(partition, work);
  }

  #fetch(): Promise<[number, StoredRecord[]][]> {
    const { topic, dice } = this.#options;
    return this.#ask('fetches', () => {
      if (dice.hits('fetch failed')) throw brokersAway();
      const batches: [number, StoredRecord[]][] = [];
      for (const partition of this.#membership.partitions) {
        if (this.#busy.has(partition)) continue;
        const position = this.#positions.get(partition) ?? 0;
        const records = topic.partitions[partition]?.slice(position, position + 1 + dice.below(MAX_FETCHED)) ?? [];
        if (records.length > 0 && (dice.isCalm || !dice.oneIn(4))) batches.push([partition, records]);
      }
      return batches;
    });
  }

  async #heartbeat(): Promise<void> {
    const { scheduler, group, id } = this.#options;
    if (scheduler.nowMs - this.#beatAtMs < HEARTBEAT_INTERVAL_MS - 100) return;
    await this.#ask('sends a heartbeat', () => {
      group.heartbeat(id, this.#membership.generation);
    });
    this.#beatAtMs = scheduler.nowMs;
    this.#emitter.emit(this.events.HEARTBEAT, { payload: {} });
  }

  #commit({ topics }: CommitRequest): Promise<void> {
    const { group, id, dice } = this.#options;
    const { generation } = this.#membership;
    const positions = topics.flatMap(({ partitions }) =>
      partitions.map(({ partition, offset }) => ({ partition, offset: parseInt(offset, 10) })),
    );
    return this.#ask(
      `commits offsets ${positions.map(({ partition, offset }) => `${partition}:${offset}`).join(' ')}`,
      () => {
        group.commit(id, generation, positions);
        if (dice.hits('commit of offsets lost')) throw new BusError('REQUEST_TIMED_OUT');
      },
      true,
    );
  }

  async #join(): Promise<void> {
    const { scheduler, process, group, id, topic, bus } = this.#options;
    await new Promise<void>((resolve, reject) => {
      scheduler.add(process, `${id} joins ${group.name}`, () => {
        if (bus.isDown) {
          process.deliver(() => {
            reject(brokersAway());
          });
          return;
        }
        group.join(id, (error) => {
          scheduler.add(process, `${id} has joined`, () => {
            process.deliver(() => {
              if (error === null) resolve();
              else reject(error);
            });
          });
        });
      });
    });
    this.#membership = await this.#ask('learns its partitions', () => {
      const membership = group.membershipOf(id);
      this.#positions.clear();
      for (const partition of membership.partitions) {
        this.#positions.set(partition, group.committed.get(partition) ?? 0);
      }
      return membership;
    });
    this.#beatAtMs = scheduler.nowMs;
    const { partitions } = this.#membership;
    this.#emitter.emit(this.events.GROUP_JOIN, { payload: { memberAssignment: { [topic.name]: [...partitions] } } });
  }

  #ask<Result>(label: string, effect: () => Result, survives = false): Promise<Result> {
    const { scheduler, process, bus, id } = this.#options;
    return scheduler.call(
      process,
      `${id} ${label}`,
      () => {
        if (bus.isDown) throw brokersAway();
        return effect();
      },
      survives,
    );
  }

  #pause(ms: number): Promise<void> {
    return this.#options.clock.pause(ms, new AbortController().signal);
  }

  #running(): boolean {
    return this.#isRunning;
  }
}

interface CommitRequest {
  readonly topics: readonly { readonly partitions: readonly { partition: number; offset: string }[] }[];
}

function toMessage(record: StoredRecord): KafkaMessage {
  return {
    key: Buffer.from(record.key),
    value: Buffer.from(record.value),
    headers: Object.fromEntries(Object.entries(record.headers).map(([name, value]) => [name, Buffer.from(value)])),
    offset: String(record.offset),
    timestamp: String(EPOCH_MS + record.timeMs),
    attributes: 0,
  };
}
