import { asyncApiDocument } from '../../http/asyncapi/document.ts';
import { installAsyncApiParser, type Parsed } from './tools/asyncapi-parser.ts';
import { INSTALL_TIMEOUT_MS } from './tools/tool.ts';

let parse: (document: string) => Promise<Parsed>;

beforeAll(async () => {
  parse = await installAsyncApiParser();
}, INSTALL_TIMEOUT_MS);

const written = JSON.stringify(asyncApiDocument('shop'));

test('the AsyncAPI Initiative’s parser has nothing to say against the document of the events', async () => {
  const { diagnostics, messages } = await parse(written);
  // More tools read 3.0 than 3.1.
  expect(diagnostics.filter(({ code }) => code !== 'asyncapi-latest-version')).toEqual([]);
  expect(messages?.toSorted()).toEqual(['order.created.v1', 'payment.completed.v1', 'payment.rejected.v1']);
});

test('it finds a payload’s schema that is none', async () => {
  const { diagnostics } = await parse(written.replaceAll('"type":"string"', '"type":"text"'));
  expect(diagnostics.map(({ severity }) => severity)).toContain(0);
});

test('it finds a channel that is not there', async () => {
  const { diagnostics, messages } = await parse(written.replace('"$ref":"#/channels/', '"$ref":"#/channels/no-'));
  expect(diagnostics.map(({ severity }) => severity)).toContain(0);
  expect(messages).toBeNull();
});
