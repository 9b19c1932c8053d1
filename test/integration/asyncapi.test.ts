import { Validator, type Schema } from 'jsonschema';
import type { Order } from '../../contract/outputs.ts';
import { asyncApiDocument } from '../../http/asyncapi/document.ts';
import { eventually } from '../support/eventually.ts';
import { shopCluster } from '../support/shop-cluster.ts';
import { readTopic, type ReadRecord } from '../support/topic-reader.ts';

/** What lies in the topics against the document, by a validator that the product does not use. */

interface Document {
  readonly channels: Record<string, { readonly address: string; readonly messages: Record<string, unknown> }>;
  readonly components: {
    readonly schemas: { readonly envelope: Schema };
    readonly messages: Record<
      string,
      {
        readonly payload: Schema;
        readonly headers: { readonly allOf: Schema[] };
        readonly bindings: { kafka: { key: Schema } };
      }
    >;
  };
}

test('every record of both topics fits the AsyncAPI document: key, headers and data', async () => {
  const cluster = await shopCluster();
  try {
    const [orders, payments] = await Promise.all([cluster.start('orders'), cluster.start('payments')]);
    await orders.waitForServices(['payments']);
    await payments.call('payments.openAccount', { userId: 'eve' });
    await payments.call('payments.deposit', { userId: 'eve', amount: '10' });
    const placed = ['eve', 'eve', 'nobody'].map((userId) =>
      orders.call<Order, object>('orders.create', { userId, amount: '7.5' }),
    );
    for (const { orderId } of await Promise.all(placed)) {
      await eventually(
        async () => {
          expect(await orders.call<Order, object>('orders.show', { orderId })).not.toMatchObject({ status: 'NEW' });
        },
        { timeoutMs: 30_000 },
      );
    }
    const document = JSON.parse(JSON.stringify(asyncApiDocument(cluster.config.namespace))) as Document;
    const types = new Set<string>();
    for (const channel of Object.values(document.channels)) {
      const reader = await readTopic(cluster.config.kafka.brokers.join(','), channel.address);
      try {
        await eventually(
          () => {
            // At least once: a produce that is tried again repeats what had arrived.
            expect(new Set(reader.records.map(({ eventId }) => eventId)).size).toBe(3);
          },
          { timeoutMs: 30_000 },
        );
        for (const record of reader.records) types.add(check(record, document, Object.keys(channel.messages)));
      } finally {
        await reader.close();
      }
    }
    expect([...types].toSorted()).toEqual(Object.keys(document.components.messages).toSorted());
  } finally {
    await cluster.end();
  }
}, 90_000);

/** @returns which message of the document it is */
function check(record: ReadRecord, { components }: Document, messages: readonly string[]): string {
  const name = record.headers['ce_dataschema']?.replace('/', '.v') ?? '';
  expect(messages).toContain(name);
  const message = components.messages[name];
  if (message === undefined) throw new Error(`The document has no message ${name}.`);
  const errors = (value: unknown, schema: Schema): string[] =>
    new Validator().validate(value, schema).errors.map((error) => error.stack);
  expect(errors(record.key, message.bindings.kafka.key)).toEqual([]);
  expect(errors(JSON.parse(record.value), message.payload)).toEqual([]);
  expect(errors(record.headers, components.schemas.envelope)).toEqual([]);
  const [, own] = message.headers.allOf;
  expect(errors(record.headers, own ?? {})).toEqual([]);
  return name;
}
