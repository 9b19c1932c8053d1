import { PROBLEMS } from '../../problems/problems.ts';
import { send } from '../support/http-client.ts';
import { startRestNode, type RestNode } from '../support/rest-node.ts';

let node: RestNode;

beforeAll(async () => {
  node = await startRestNode();
});

afterAll(() => node.broker.stop());

/** What a page loads or links to. */
function addressesIn(html: string): string[] {
  return [...html.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, address = '']) => address);
}

test('the page that shows the document loads everything from its own door, and may load nothing else', async () => {
  const page = await send(node.port, '/docs');
  const files = addressesIn(page.text);
  expect(files.length).toBeGreaterThan(4);
  for (const address of files) {
    expect(address).toMatch(/^\/[^/]/);
    const file = await send(node.port, address);
    expect({ address, status: file.status }).toEqual({ address, status: 200 });
    // Pictures in the style sheet are part of it.
    const outside = file.headers['content-type'] === 'text/css; charset=utf-8' ? /url\((?!['"]?data:)/ : /^\0/;
    expect(file.text).not.toMatch(outside);
  }
  const policy = String(page.headers['content-security-policy']);
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("script-src 'self'");
  expect(policy).not.toMatch(/https?:|\*|unsafe-eval|script-src[^;]*unsafe/);
  expect(page.text).not.toMatch(/<script>|<script [^>]*>[^<]/);
});

test('the script that starts the viewer asks for the document of its own door alone', async () => {
  const { text } = await send(node.port, '/docs/start.js');
  expect(text).toContain("url: '/openapi.json'");
  expect(text).toContain('validatorUrl: null');
  expect(text).not.toMatch(/\/\/(?! )/);
});

test('a file is kept for ever by the address that the page gives it, and asked for again by any other', async () => {
  const page = await send(node.port, '/docs');
  const script = addressesIn(page.text).find((address) => address.includes('start.js')) ?? '';
  expect((await send(node.port, script)).headers['cache-control']).toBe('public, max-age=31536000, immutable');
  expect((await send(node.port, '/docs/start.js')).headers['cache-control']).toBe('no-cache');
  expect((await send(node.port, '/docs/start.js?v=older')).headers['cache-control']).toBe('no-cache');
});

test('every kind of problem is in the list, and its page leads on', async () => {
  const list = await send(node.port, '/problems');
  expect(addressesIn(list.text)).toEqual(Object.keys(PROBLEMS).map((type) => `/problems/${type}`));
  for (const address of addressesIn(list.text)) {
    const page = await send(node.port, address);
    expect(page.status).toBe(200);
    for (const next of addressesIn(page.text)) {
      expect((await send(node.port, next.replace(/#.*/, ''))).status).toBe(200);
    }
  }
});

test('the first page names the document and the page that shows it', async () => {
  const index = await send(node.port, '/');
  expect(index.json?.documentation).toEqual(['/docs', '/openapi.json', '/asyncapi.json']);
});
