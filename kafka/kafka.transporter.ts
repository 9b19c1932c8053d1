import { setTimeout as sleep } from 'node:timers/promises';
import { Transporters } from 'moleculer';
import type { KafkaConfig } from '../config/config.ts';
import { addReadinessCheck } from '../health/readiness.ts';
import { errorText } from '../problems/error-text.ts';
import { problem } from '../problems/problems.ts';
import { ensureCallTopics } from './call-topics.ts';
import { CallsConsumer } from './calls-consumer.ts';
import {
  createKafka,
  createPartitioner,
  NO_RETRY,
  withAdmin,
  type KafkaMessage,
  type Logger,
  type Producer,
} from './client.ts';
import { EARLY_TIMER_MS, setDeadline, steadyNow } from './deadline.ts';
import { KafkaClock } from './kafka-clock.ts';
import { Loopback } from './loopback.ts';
import { SeenPackets } from './seen-packets.ts';
import { isTooLarge, isUnknownTopic, NotHandedOver, PacketTooLarge, SendBatches } from './send-batches.ts';
import { replaceByError } from './too-large-answer.ts';

/** One produce request is answered in milliseconds; after this long a broker counts as gone. */
const REQUEST_TIMEOUT_MS = 3000;
/** Between two attempts to reach a Kafka that is away. */
const RETRY_PAUSE_MS = 250;
/** How long one attempt may take to send a packet to this node itself and see it come back. */
const LOOPBACK_TIMEOUT_MS = 2000;
/** A node's packets to itself, to notice when nothing comes any more. */
const LOOPBACK_INTERVAL_MS = 2000;
/** So many of them in a row that did not come back: the consumer is deaf, whatever kafkajs says. */
const LOOPBACK_MISSES = 2;
/** How long stopping waits for what is under way; the supervisor's patience is not endless. */
const STOP_TIMEOUT_MS = 3000;
/** While it waits for Kafka a node says so this often. */
const WAITING_LOG_INTERVAL_MS = 10_000;
/** Topics just made and groups just begun take a moment that nobody needs to hear of. */
const WAITING_LOG_DELAY_MS = 2000;
/** How often a waiting answer looks whether Kafka is back. */
const ANSWER_RETRY_PAUSE_MS = 50;
/** Answers that wait for Kafka's return, at most; their callers meet their time-outs otherwise. */
const MAX_WAITING_ANSWERS = 10_000;
/** An answer is not worth keeping longer: callers wait 10 s by default. */
const ANSWER_MAX_AGE_MS = 30_000;
/** A repeated packet comes within the fetch or two that a replaced consumer sees again. */
const SEEN_PACKETS = 50_000;

/** The leader alone: a call that is lost with it is answered by its timeout, and every call would wait for copies. */
const ACKS_LEADER = 1;

type Packet = Parameters<Transporters.Base['publish']>[0];
type State = 'starting' | 'ready' | 'away' | 'stopped';

/** What Moleculer's packets hold that matters here. */
interface CallPayload {
  id: string;
  sender: string | null;
  seq?: number;
  timeout?: number | null;
  meta?: object;
}

/** Requests that were not run. */
export interface DroppedRequests {
  /** Their caller had given up. */
  late: number;
  /** They had been here before. */
  repeated: number;
}

/**
 * Moleculer's calls over Kafka (ADR 0002). Calls may fail, and say so; facts never travel here.
 *
 * - A call runs at most once: nothing is sent twice, and a request that comes twice or too late is dropped.
 * - While Kafka is away callers get `service-unavailable` (503) at once; a call that was under way gets
 *   `outcome-unknown` (504).
 */
export class KafkaTransporter extends Transporters.Base {
  declare protected messageHandler: (command: string, packet: Packet) => Promise<unknown>;
  declare protected afterConnect: (wasReconnect: boolean) => Promise<unknown>;

  readonly dropped: DroppedRequests = { late: 0, repeated: 0 };
  readonly #config: KafkaConfig;
  readonly #clock = new KafkaClock();
  readonly #seen = new SeenPackets(SEEN_PACKETS);
  readonly #batches: SendBatches;
  readonly #stopping = new AbortController();
  #state: State = 'starting';
  /** What is wrong, as a sentence; meaningless while ready. */
  #trouble = 'The node has not reached Kafka yet.';
  #producer: Producer | null = null;
  #consumer: CallsConsumer | null = null;
  #loopback: Loopback | null = null;
  #loopbackTimer: NodeJS.Timeout | undefined;
  #waitingAnswers = 0;

  /** @param collects whether packets of one turn share a request */
  constructor(config: KafkaConfig, collects = true) {
    super({});
    this.#config = config;
    this.#batches = new SendBatches((topicMessages) => this.#produce(topicMessages), collects);
  }

  /** @returns whether a call handed over now goes to Kafka */
  get isReady(): boolean {
    return this.#state === 'ready';
  }

  override init(...[transit, messageHandler, afterConnect]: Parameters<Transporters.Base['init']>): void {
    super.init(transit, messageHandler, afterConnect);
    addReadinessCheck(this.broker, 'kafka', () => (this.#state === 'ready' ? null : this.#trouble));
  }

  /** Waits for Kafka as long as it takes; ends without connecting when the broker stops. */
  override async connect(): Promise<void> {
    await this.#untilDone('connect', async () => {
      this.#producer = await this.#connectProducer();
    });
    if (!this.#isStopped()) await this.onConnected(false);
  }

  override async makeSubscriptions(topics: { cmd: string; nodeID?: string }[]): Promise<void> {
    const names = topics.map(({ cmd, nodeID }) => this.getTopicName(cmd, nodeID));
    const loopbackTopic = this.getTopicName('PONG', this.nodeID);
    this.#loopback = new Loopback(loopbackTopic, this.#batches, this.#clock);
    this.#consumer = new CallsConsumer({
      kafka: this.#client(),
      groupPrefix: `${this.prefix}.calls.${this.nodeID}`,
      topics: names,
      onPacket: (topic, message) => {
        this.#take(topic, message);
      },
      onCrash: (error) => {
        this.#goAway(`the consumer of calls ended: ${error.message}`);
      },
    });
    const callTopics = names.map((name) => ({ name, stampedByKafka: name === loopbackTopic }));
    await this.#untilDone('subscribe', async () => {
      await withAdmin(this.#client(), (admin) => ensureCallTopics(admin, callTopics, this.logger), NO_RETRY);
      await this.#reach();
    });
    if (this.#isStopped()) return;
    this.#state = 'ready';
    this.#loopbackTimer = setInterval(() => {
      this.#checkLoopback();
    }, LOOPBACK_INTERVAL_MS).unref();
  }

  /** One consumer takes all topics at once. */
  override subscribe(): Promise<void> {
    return Promise.reject(new Error('Use makeSubscriptions.'));
  }

  /** Moleculer balances; Kafka's groups are not asked. */
  override subscribeBalancedRequest(): Promise<void> {
    return Promise.resolve();
  }

  override subscribeBalancedEvent(): Promise<void> {
    return Promise.resolve();
  }

  /** Finishes what is under way, within bounds. */
  override async disconnect(): Promise<void> {
    this.#state = 'stopped';
    this.#trouble = 'The node is stopping.';
    this.connected = false;
    this.#stopping.abort();
    clearInterval(this.#loopbackTimer);
    const closing = this.#batches
      .settled()
      .then(() => Promise.allSettled([this.#consumer?.stop(), this.#producer?.disconnect()]));
    await Promise.race([closing, sleep(STOP_TIMEOUT_MS, undefined, { ref: false })]);
  }

  /**
   * While Kafka is away what users sent is refused at once, answers wait for its return, and what else nodes tell each
   * other is left for the next time.
   */
  override prepublish(packet: Packet): Promise<void> {
    if (packet.type === 'RES') return this.publish(packet);
    if (this.connected) return super.prepublish(packet);
    if (['REQ', 'EVENT', 'PING'].includes(packet.type)) return Promise.reject(this.unavailable());
    return Promise.resolve();
  }

  /** Throws at once what cannot be serialised: Moleculer answers with that error. */
  override publish(packet: Packet): Promise<void> {
    const topic = this.getTopicName(packet.type, packet.target ?? undefined);
    let data = this.serialize(packet);
    if (packet.type === 'RES' && isTooLarge(data)) {
      this.logger.warn(`An answer to ${packet.target} takes ${data.length} bytes: its caller gets an error.`);
      replaceByError(this.broker, packet, data.length);
      data = this.serialize(packet);
    }
    return packet.type === 'RES' ? this.#sendAnswer(topic, data) : this.send(topic, data);
  }

  /**
   * An answer, unlike a request, may be sent again when it is not known whether it was written: its caller takes the
   * first and forgets the call.
   */
  async #sendAnswer(topic: string, value: Buffer): Promise<void> {
    const giveUpAt = steadyNow() + ANSWER_MAX_AGE_MS;
    for (;;) {
      try {
        if (this.#state === 'away') throw this.unavailable();
        await this.send(topic, value);
        return;
      } catch (error) {
        const canWait = this.#state === 'away' && this.#waitingAnswers < MAX_WAITING_ANSWERS;
        if (!canWait || steadyNow() >= giveUpAt) throw error;
      }
      this.#waitingAnswers += 1;
      await sleep(ANSWER_RETRY_PAUSE_MS, undefined, { ref: false });
      this.#waitingAnswers -= 1;
    }
  }

  override async send(topic: string, value: Buffer): Promise<void> {
    try {
      await this.#batches.add({ topic, value, timestampMs: this.#clock.now() });
    } catch (error) {
      if (error instanceof PacketTooLarge) {
        throw problem('content-too-large', `The call cannot be sent. ${error.message} Send less at once.`);
      }
      if (error instanceof NotHandedOver || isUnknownTopic(error)) throw this.unavailable((error as Error).message);
      throw problem(
        'outcome-unknown',
        `Kafka did not confirm the call (${String(error)}). It may or may not run: look before you repeat it.`,
      );
    }
  }

  override async receive(command: string, data: Buffer, timestampMs?: unknown): Promise<void> {
    const packet = this.deserialize(command, data);
    const isLive = command !== 'REQ' || this.#accept(packet.payload as CallPayload, Number(timestampMs));
    if (isLive) await this.messageHandler(command, packet);
  }

  /** @returns the error of a call that was not handed to Kafka */
  unavailable(detail = this.#trouble): Error {
    return problem('service-unavailable', `Calls cannot be sent right now: ${detail} Nothing was done; try again.`, {
      retryAfterS: 1,
    });
  }

  #isStopped(): boolean {
    return this.#state === 'stopped';
  }

  #client(onConnectionClosed?: () => void): ReturnType<typeof createKafka> {
    return createKafka(this.#config, this.nodeID, this.#quiet(), {
      retry: NO_RETRY,
      requestTimeoutMs: REQUEST_TIMEOUT_MS,
      ...(onConnectionClosed && { onConnectionClosed }),
    });
  }

  /** The transporter says what is the matter; kafkajs' own account of it is for who looks closer. */
  #quiet(): Logger {
    const debug = (...parts: unknown[]): void => {
      this.logger.debug(...parts);
    };
    return { error: debug, warn: debug, info: debug, debug };
  }

  async #connectProducer(): Promise<Producer> {
    const kafka = this.#client(() => {
      // An idle connection may just have been closed; a packet to this node itself shows what is the matter.
      if (this.#producer === producer) this.#checkLoopback();
    });
    // A produce whose answer was lost may have been written: another attempt would run the call twice.
    const producer = kafka.producer({
      retry: NO_RETRY,
      idempotent: false,
      allowAutoTopicCreation: false,
      createPartitioner,
    });
    await producer.connect();
    return producer;
  }

  async #produce(topicMessages: Parameters<Producer['sendBatch']>[0]['topicMessages']): Promise<void> {
    const producer = this.#producer;
    if (producer === null) throw new NotHandedOver('There is no connection to Kafka.');
    try {
      await producer.sendBatch({ acks: ACKS_LEADER, topicMessages: topicMessages ?? [] });
    } catch (error) {
      if (!isUnknownTopic(error) && this.#producer === producer) this.#goAway(`sending failed: ${String(error)}.`);
      throw error;
    }
  }

  #take(topic: string, message: KafkaMessage): void {
    if (this.#loopback?.take(topic, message) === true || message.value === null) return;
    const command = topic.slice(this.prefix.length + 1).split('.', 1)[0] ?? '';
    this.receive(command, message.value, message.timestamp).catch((error: unknown) => {
      this.logger.warn(`A ${command} packet could not be taken: ${String(error)}`);
    });
  }

  #accept(payload: CallPayload, timestampMs: number): boolean {
    const timeoutMs = payload.timeout ?? 0;
    // Our idea of Kafka's clock may be behind it by some milliseconds: nobody has more time than the caller gave.
    const ageMs = Math.max(0, this.#clock.now() - timestampMs);
    const leftMs = timeoutMs - EARLY_TIMER_MS - ageMs;
    if (timeoutMs > 0 && leftMs <= 0) {
      this.dropped.late += 1;
      this.logger.warn(`A request of ${payload.sender} came ${Math.round(-leftMs)} ms too late: dropped.`);
      return false;
    }
    // The chunks of a stream share an id.
    if (!this.#seen.add(`${payload.id}:${payload.seq ?? ''}`)) {
      this.dropped.repeated += 1;
      this.logger.warn(`A request of ${payload.sender} came twice (${payload.id}): dropped.`);
      return false;
    }
    if (timeoutMs > 0) {
      payload.meta ??= {};
      setDeadline(payload.meta, steadyNow() + leftMs);
    }
    return true;
  }

  #goAway(trouble: string): void {
    this.#trouble = `Kafka is away: ${trouble}`;
    if (this.#state !== 'ready') return;
    this.#state = 'away';
    this.connected = false;
    this.logger.warn(`${this.#trouble} Calls are refused until it is back.`);
    void this.#comeBack();
  }

  async #comeBack(): Promise<void> {
    const awaySince = steadyNow();
    await this.#untilDone('come back', async () => {
      const old = this.#producer;
      this.#producer = null;
      old?.disconnect().catch(() => undefined);
      this.#producer = await this.#connectProducer();
      await this.#reach();
    });
    if (this.#isStopped()) return;
    this.#state = 'ready';
    this.logger.info(`Kafka is back after ${Math.round(steadyNow() - awaySince)} ms: calls go on.`);
    await this.onConnected(true);
  }

  /** Makes sure that the consumer runs and that a packet to this node comes back. */
  async #reach(): Promise<void> {
    const [consumer, loopback] = [this.#consumer, this.#loopback];
    if (consumer === null || loopback === null) return;
    if (!consumer.isRunning) await withAdmin(this.#client(), (admin) => consumer.start(admin), NO_RETRY);
    try {
      await loopback.roundTrip(LOOPBACK_TIMEOUT_MS);
    } catch (error) {
      await consumer.stop();
      throw error;
    }
  }

  #checkLoopback(): void {
    const loopback = this.#loopback;
    if (this.#state !== 'ready' || loopback === null) return;
    if (loopback.missing >= LOOPBACK_MISSES) {
      this.#goAway('nothing comes from it any more.');
      return;
    }
    loopback.roundTrip(LOOPBACK_TIMEOUT_MS).catch(() => undefined);
  }

  /** Repeats until it succeeds or the broker stops, and says what it waits for. */
  async #untilDone(what: string, attempt: () => Promise<void>): Promise<void> {
    let sayAt = steadyNow() + WAITING_LOG_DELAY_MS;
    while (!this.#isStopped()) {
      try {
        await attempt();
        return;
      } catch (error) {
        this.#trouble = `Kafka is away: ${errorText(error)}.`;
        if (steadyNow() >= sayAt && !this.#isStopped()) {
          sayAt = steadyNow() + WAITING_LOG_INTERVAL_MS;
          this.logger.warn(`Waiting for Kafka at ${this.#config.brokers.join(', ')} to ${what}. ${this.#trouble}`);
        }
      }
      await sleep(RETRY_PAUSE_MS, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
    }
  }
}
