import { LOWER_CASE_UUID_PATTERN, TIME_PATTERN } from '../../contract/patterns.ts';
import { EVENT_TYPES } from '../../events/catalogue.ts';
import type { EventDefinition } from '../../events/event.ts';
import { eventTopics, TOPIC_RETENTION_MS } from '../../events/topics.ts';
import { OrderId, UserId } from '../../events/values.ts';
import type { Json } from '../openapi/json.ts';
import { DESCRIBED, KAFKA_BINDING, operationsOf, TOPICS, type Publisher } from './described.ts';

/** Of the events, not of the software: changes with them alone. */
const CONTRACT_VERSION = '1.0.0';

const DESCRIPTION = `What happened to orders and payments, as facts on Kafka topics.

- The envelope is CloudEvents 1.0 in Kafka's binary mode: attributes are headers that begin with \`ce_\`, the record's value is the data.
- Each event comes at least once, and events of one key come in order. Whoever reads them drops repeats by \`ce_id\`.
- Amounts are minor units (cents) as decimal text.
- Fields may be added to a version. A type that a reader does not know is skipped. What old readers could not read is another topic.
- Clusters that share one Kafka have a namespace, which the topics' names begin with.`;

/**
 * The AsyncAPI 3.0 document of a cluster: made from the schemas that events are checked by.
 *
 * @param namespace of the cluster; empty unless several share one Kafka
 */
export function asyncApiDocument(namespace: string): Json {
  const topics = eventTopics(namespace);
  const versions = Object.entries(EVENT_TYPES).map(([publisher, types]) => {
    const each = types.flatMap((definition) => versionsOf(definition as EventDefinition));
    return { publisher: publisher as Publisher, versions: each };
  });
  const channels = versions.map(({ publisher, versions: of }) => [
    publisher,
    {
      address: topics[publisher].name,
      ...TOPICS[publisher],
      messages: Object.fromEntries(
        of.map(({ dataschema }) => [nameOf(dataschema), { $ref: `#/components/messages/${nameOf(dataschema)}` }]),
      ),
      bindings: {
        kafka: {
          partitions: topics[publisher].partitions,
          topicConfiguration: { 'cleanup.policy': ['delete'], 'retention.ms': TOPIC_RETENTION_MS },
          bindingVersion: KAFKA_BINDING,
        },
      },
    },
  ]);
  const messages = versions.flatMap(({ publisher, versions: of }) =>
    of.map((version) => [nameOf(version.dataschema), messageOf(version, publisher)]),
  );
  const names = Object.fromEntries(
    versions.map(({ publisher, versions: of }) => [publisher, of.map(({ dataschema }) => nameOf(dataschema))]),
  ) as Record<Publisher, string[]>;
  return {
    asyncapi: '3.0.0',
    info: { title: 'Orders and payments: events', version: CONTRACT_VERSION, description: DESCRIPTION },
    defaultContentType: 'application/json',
    channels: Object.fromEntries(channels) as Json,
    operations: operationsOf(names, namespace),
    components: { messages: Object.fromEntries(messages) as Json, schemas: { envelope: envelope() } },
  };
}

/** Of a type: the oldest first. */
function versionsOf(definition: EventDefinition): EventDefinition[] {
  const older = definition.previous === undefined ? [] : versionsOf(definition.previous.definition);
  return [...older, definition];
}

/** `order.created/1` → `order.created.v1`: a name in the document has no slash. */
function nameOf(dataschema: string): string {
  return dataschema.replace('/', '.v');
}

function messageOf({ type, dataschema, aggregateType, data }: EventDefinition, publisher: Publisher): Json {
  const described = DESCRIBED[type];
  if (described === undefined) throw new Error(`${type} has no sentence in http/asyncapi/described.ts.`);
  return {
    name: nameOf(dataschema),
    ...described,
    contentType: 'application/json',
    headers: {
      allOf: [
        { $ref: '#/components/schemas/envelope' },
        {
          type: 'object',
          properties: {
            ce_type: { const: type },
            ce_dataschema: { const: dataschema },
            ce_source: { const: `/${publisher}` },
            ce_subject: { type: 'string', pattern: `^${aggregateType}/.` },
          },
        },
      ],
    },
    payload: data,
    bindings: { kafka: { key: publisher === 'orders' ? UserId : OrderId, bindingVersion: KAFKA_BINDING } },
  };
}

/** The headers of every record; `events/envelope.ts` writes and reads them. */
function envelope(): Json {
  const text = { type: 'string', minLength: 1 };
  return {
    type: 'object',
    required: [
      'ce_specversion',
      'ce_id',
      'ce_source',
      'ce_type',
      'ce_time',
      'ce_subject',
      'ce_aggregateversion',
      'ce_dataschema',
      'content-type',
    ],
    properties: {
      ce_specversion: { const: '1.0' },
      ce_id: {
        type: 'string',
        pattern: LOWER_CASE_UUID_PATTERN,
        description: 'UUIDv7. Repeats of an event have it, too.',
      },
      ce_source: { ...text, description: 'The service that tells it.' },
      ce_type: { ...text, description: 'The event type.' },
      ce_time: {
        type: 'string',
        pattern: TIME_PATTERN,
        description: "When the change was made, by the writer's database. The record's own time is Kafka's.",
      },
      ce_subject: { ...text, description: '`<aggregate type>/<id>`: what it is about.' },
      ce_aggregateversion: {
        type: 'string',
        pattern: '^[0-9]+$',
        description: "The aggregate's version after the change.",
      },
      ce_dataschema: { ...text, description: '`<type>/<version>`: which schema the data has.' },
      ce_traceparent: { ...text, description: 'W3C trace context of the change, where it was traced.' },
      'content-type': { const: 'application/json' },
    },
  };
}
