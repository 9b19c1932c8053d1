import specs from '@asyncapi/specs';
import { Ajv } from 'ajv';
import { Validator } from 'jsonschema';
import { asyncApiDocument } from '../../../http/asyncapi/document.ts';

interface Message {
  readonly payload: object;
  readonly examples: readonly { readonly payload: unknown }[];
}

const document = JSON.parse(JSON.stringify(asyncApiDocument('shop'))) as {
  readonly channels: Record<string, { readonly address: string }>;
  readonly components: { readonly messages: Record<string, Message> };
};

test('is a document by the AsyncAPI Initiative’s schema of 3.0', () => {
  const ajv = new Ajv({ strict: false, validateFormats: false });
  const isDocument = ajv.compile(specs.schemasWithoutId['3.0.0'] as object);
  isDocument(document);
  expect(isDocument.errors).toBeNull();
});

test('its topics have the names of the cluster', () => {
  expect(Object.values(document.channels).map(({ address }) => address)).toEqual([
    'shop.orders.events.v1',
    'shop.payments.events.v1',
  ]);
});

test.each(Object.entries(document.components.messages))('%s: its examples fit its schema', (_name, message) => {
  expect(message.examples.length).toBeGreaterThan(0);
  for (const { payload } of message.examples) {
    expect(new Validator().validate(payload, message.payload).errors).toEqual([]);
  }
});
