import type { IncomingMessage } from 'node:http';
import { BlockList, isIP, isIPv6 } from 'node:net';

/** Where a request comes from. */
export interface ClientAddress {
  /** Of the client, or of the nearest proxy that is not trusted; of IPv6 only the network, which one client has whole. */
  readonly address: string;
  /** From this machine itself, and not by way of a proxy on it. */
  readonly isLocal: boolean;
}

/** Longer chains are made up. */
const MAX_HOPS = 20;
/** What a provider gives to one customer at least. */
const IPV6_NETWORK_GROUPS = 4;

const LOOPBACK = blockListOf(['127.0.0.0/8', '::1']);

/**
 * Makes what tells where a request comes from: by its socket, and by `X-Forwarded-For` as far as proxies that are trusted
 * have written it. Anybody may send that header.
 *
 * @param trustedProxies addresses and networks (`10.0.0.0/8`)
 */
export function clientAddressBehind(trustedProxies: readonly string[]): (request: IncomingMessage) => ClientAddress {
  const trusted = blockListOf(trustedProxies);
  return (request) => {
    const socketAddress = plain(request.socket.remoteAddress ?? '');
    const forwarded = request.headers['x-forwarded-for'];
    let address = socketAddress;
    if (forwarded !== undefined && trustedProxies.length > 0) {
      const hops = String(forwarded)
        .split(',')
        .slice(-MAX_HOPS)
        .reverse()
        .map((hop) => plain(hop.trim()));
      for (const hop of hops) {
        if (!contains(trusted, address) || isIP(hop) === 0) break;
        address = hop;
      }
    }
    return {
      address: isIPv6(address) ? networkOf(address) : address,
      isLocal: contains(LOOPBACK, socketAddress) && forwarded === undefined && request.headers.forwarded === undefined,
    };
  };
}

function blockListOf(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', prefix] = network.split('/');
    const family = isIPv6(address) ? 'ipv6' : 'ipv4';
    if (prefix === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(prefix), family);
  }
  return list;
}

function contains(list: BlockList, address: string): boolean {
  return isIP(address) !== 0 && list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
}

/** An IPv4 address as a socket for both families shows it loses its prefix. */
function plain(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, '');
}

function networkOf(address: string): string {
  const [head = '', tail] = address.replace(/%.*$/, '').split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - before.length - after.length);
  const groups = [...before, ...Array<string>(zeros).fill('0'), ...after];
  return `${groups
    .slice(0, IPV6_NETWORK_GROUPS)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':')}::/64`;
}
