import type { IncomingMessage } from 'node:http';
import { clientAddressBehind } from '../../../http/client-address.ts';

function requestFrom(remoteAddress: string, headers: Record<string, string> = {}): IncomingMessage {
  return { socket: { remoteAddress }, headers } as unknown as IncomingMessage;
}

const behind = (proxies: string[], socket: string, forwarded?: string): string =>
  clientAddressBehind(proxies)(requestFrom(socket, forwarded === undefined ? {} : { 'x-forwarded-for': forwarded }))
    .address;

test.each<[string, string[], string, string | undefined, string]>([
  ['the socket says it', [], '192.0.2.1', undefined, '192.0.2.1'],
  ['a header that nobody is trusted to write says nothing', [], '192.0.2.1', '198.51.100.7', '192.0.2.1'],
  ['one of a stranger says nothing', ['10.0.0.0/8'], '192.0.2.1', '198.51.100.7', '192.0.2.1'],
  ['a trusted proxy says it', ['10.0.0.0/8'], '10.1.2.3', '198.51.100.7', '198.51.100.7'],
  [
    'what the client wrote before the proxy does not count',
    ['10.0.0.0/8'],
    '10.1.2.3',
    '203.0.113.9, 198.51.100.7',
    '198.51.100.7',
  ],
  [
    'two trusted proxies in a row',
    ['10.0.0.0/8', '192.0.2.1'],
    '10.1.2.3',
    '203.0.113.9, 198.51.100.7, 192.0.2.1',
    '198.51.100.7',
  ],
  ['all of them trusted', ['10.0.0.0/8'], '10.1.2.3', '10.0.0.1', '10.0.0.1'],
  ['no address', ['10.0.0.0/8'], '10.1.2.3', 'unknown', '10.1.2.3'],
  ['an IPv4 client of a socket for both', ['10.0.0.0/8'], '::ffff:10.1.2.3', '198.51.100.7', '198.51.100.7'],
  ['an IPv6 client is its network', [], '2001:db8:1:2:aaaa::1', undefined, '2001:db8:1:2::/64'],
  ['a short IPv6 address, too', [], '2001:db8::1', undefined, '2001:db8:0:0::/64'],
  ['and one behind a proxy', ['fd00::/8'], 'fd00::1', '2001:0db8:0001:0002::9', '2001:db8:1:2::/64'],
])('%s', (_name, proxies, socket, forwarded, address) => {
  expect(behind(proxies, socket, forwarded)).toBe(address);
});

test.each<[string, Record<string, string>, boolean]>([
  ['127.0.0.1', {}, true],
  ['127.9.9.9', {}, true],
  ['::1', {}, true],
  ['::ffff:127.0.0.1', {}, true],
  ['192.0.2.1', {}, false],
  ['::ffff:192.0.2.1', {}, false],
  ['', {}, false],
  ['127.0.0.1', { 'x-forwarded-for': '127.0.0.1' }, false],
  ['127.0.0.1', { forwarded: 'for=127.0.0.1' }, false],
])('%s with %o is of this machine: %s', (address, headers, isLocal) => {
  expect(clientAddressBehind(['127.0.0.0/8'])(requestFrom(address, headers)).isLocal).toBe(isLocal);
});
