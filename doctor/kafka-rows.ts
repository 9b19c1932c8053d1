import type { KafkaConfig } from '../config/config.ts';
import { eventTopics } from '../events/topics.ts';
import { createKafka, NO_RETRY, withAdmin, type Admin } from '../kafka/client.ts';
import { topicRetentionMs } from '../kafka/topics.ts';
import { INBOX_RETENTION_MS, inboxRetention } from '../mixins/inbox/inbox-retention.ts';
import { errorText } from '../problems/error-text.ts';
import { brokerSupports } from './broker-version.ts';
import type { Row } from './row.ts';

const REQUEST_TIMEOUT_MS = 5000;
const DAY_MS = 24 * 60 * 60 * 1000;
const SILENT = { error: ignore, warn: ignore, info: ignore, debug: ignore };
/** Moleculer's packets that are sent to one node: the rest of such a topic's name is the node's id. */
const TO_ONE_NODE = /^(REQ|RES|EVENT|DISCOVER|INFO|DISCONNECT|PING|PONG|HEARTBEAT)\.(.+)$/;
/** Ids that are leased and used again (cluster/node-slot.ts): the topics of a node that is away wait for the next. */
const LEASED_ID = /^[a-z][a-z-]*-\d{1,3}$/;

export interface KafkaQuestion {
  readonly kafka: KafkaConfig;
  readonly namespace: string;
  /** Of the embedded Kafka; undefined for another one. */
  readonly embeddedVersion: string | undefined;
  readonly isExpected: boolean;
}

/** Kafka and its topics, read only. */
export async function kafkaRows(question: KafkaQuestion): Promise<Row[]> {
  const { kafka, isExpected } = question;
  const name = 'Kafka';
  const needed = 'answering';
  if (!isExpected) return [{ name, status: 'ok', found: 'not running; the start brings its own', needed }];
  try {
    const client = createKafka(kafka, 'doctor', SILENT, { retry: NO_RETRY, requestTimeoutMs: REQUEST_TIMEOUT_MS });
    return await withAdmin(
      client,
      async (admin) => {
        const topics = await admin.listTopics();
        return [
          await brokersRow(question, admin),
          ...(await retentionRows(question.namespace, admin, topics)),
          leakRow(question.namespace, topics),
        ];
      },
      NO_RETRY,
    );
  } catch (error) {
    const fix = `start it, or correct KAFKA_BROKERS (${kafka.brokers.join(', ')}) and the KAFKA_TLS and KAFKA_SASL settings`;
    return [{ name, status: 'fail', found: errorText(error), needed, fix }];
  }
}

async function brokersRow({ kafka, embeddedVersion }: KafkaQuestion, admin: Admin): Promise<Row> {
  const { brokers } = await admin.describeCluster();
  const version =
    embeddedVersion ?? (kafka.tls || kafka.sasl ? undefined : await brokerSupports(kafka.brokers[0] ?? ''));
  const count = `${brokers.length} broker${brokers.length === 1 ? '' : 's'}`;
  return {
    name: 'Kafka',
    status: 'ok',
    found: version === undefined ? count : `${version}, ${count}`,
    needed: 'answering',
  };
}

/** An inbox row has to outlive every record that can still be delivered. */
async function retentionRows(namespace: string, admin: Admin, topics: readonly string[]): Promise<Row[]> {
  const rows: Row[] = [];
  for (const { name } of Object.values(eventTopics(namespace))) {
    if (!topics.includes(name)) continue;
    const topicMs = await topicRetentionMs(admin, name);
    const { warning } = inboxRetention(topicMs);
    const keeps = topicMs === null ? 'for ever' : `${Math.round(topicMs / DAY_MS)} days`;
    const row = {
      name: `Topic ${name}`,
      found: `keeps records ${keeps}, the inbox its rows ${Math.round(INBOX_RETENTION_MS / DAY_MS)} days`,
      needed: 'the inbox longer, by a week',
    };
    if (warning === null) rows.push({ ...row, status: 'ok' });
    else rows.push({ ...row, status: 'warn', fix: `set retention.ms of ${name} back (docs/idempotent-consumer.md)` });
  }
  return rows;
}

/** Topics of calls to nodes whose ids were made up, and never come back. */
export function leakRow(namespace: string, topics: readonly string[]): Row {
  const prefix = `MOL${namespace === '' ? '' : `-${namespace}`}.`;
  const ofCalls = topics.filter((topic) => topic.startsWith(prefix));
  const ids = ofCalls.flatMap((topic) => TO_ONE_NODE.exec(topic.slice(prefix.length))?.[2] ?? []);
  const leaked = new Set(ids.filter((id) => !LEASED_ID.test(id)));
  const row = { name: `Topics ${prefix}*`, needed: 'none of nodes that do not come back' };
  if (leaked.size === 0) {
    return { ...row, status: 'ok', found: `${ofCalls.length}, of ${new Set(ids).size} nodes with leased ids` };
  }
  const [first = ''] = leaked;
  return {
    ...row,
    status: 'warn',
    found: `${ofCalls.length}, some of ${leaked.size} nodes with ids of their own, such as ${first}`,
    fix: 'leave nodeID to the lease (cluster/node-slot.ts), and delete these topics while no such node runs',
  };
}

function ignore(): void {
  // kafkajs tells more than a table can take; what went wrong is in the error.
}
