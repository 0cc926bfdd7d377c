import { BlockList, isIP } from 'node:net';

/**
 * The addresses to which nothing is ever sent, each range with its name and where it comes from. IANA's registries of
 * special-purpose addresses are the base; what is reachable globally there (the AS112 and AMT prefixes) is not in the table.
 *
 * Of IPv6 only 2000::/3 is in use as global unicast, so everything outside of it is refused whole. An address that carries
 * an IPv4 address inside it (mapped, compatible, translated, NAT64, 6to4, Teredo) is refused whatever that is: nobody has a
 * webhook there, and each of them is a way around the IPv4 part of the table.
 */
const IPV4 = [
  ['0.0.0.0/8', 'this network', 'RFC 791'],
  ['10.0.0.0/8', 'private use', 'RFC 1918'],
  ['100.64.0.0/10', 'shared address space', 'RFC 6598'],
  ['127.0.0.0/8', 'loopback', 'RFC 1122'],
  ['168.63.129.16/32', 'platform services of Azure', 'Microsoft Learn, "What is IP address 168.63.129.16?"'],
  ['169.254.0.0/16', 'link-local, with the metadata services of clouds', 'RFC 3927'],
  ['172.16.0.0/12', 'private use', 'RFC 1918'],
  ['192.0.0.0/24', 'IETF protocol assignments', 'RFC 6890'],
  ['192.0.2.0/24', 'documentation (TEST-NET-1)', 'RFC 5737'],
  ['192.88.99.0/24', '6to4 relay anycast', 'RFC 7526'],
  ['192.168.0.0/16', 'private use', 'RFC 1918'],
  ['198.18.0.0/15', 'benchmarking', 'RFC 2544'],
  ['198.51.100.0/24', 'documentation (TEST-NET-2)', 'RFC 5737'],
  ['203.0.113.0/24', 'documentation (TEST-NET-3)', 'RFC 5737'],
  ['224.0.0.0/4', 'multicast', 'RFC 5771'],
  ['240.0.0.0/4', 'reserved, with limited broadcast', 'RFC 1112, RFC 8190'],
] as const;

const IPV6 = [
  ['::/128', 'unspecified', 'RFC 4291'],
  ['::1/128', 'loopback', 'RFC 4291'],
  ['::/96', 'IPv4-compatible', 'RFC 4291'],
  ['::ffff:0:0/96', 'IPv4-mapped', 'RFC 4291'],
  ['::ffff:0:0:0/96', 'IPv4-translated', 'RFC 2765'],
  ['64:ff9b::/96', 'NAT64', 'RFC 6052'],
  ['64:ff9b:1::/48', 'local-use NAT64', 'RFC 8215'],
  ['100::/64', 'discard only', 'RFC 6666'],
  ['2001::/32', 'Teredo', 'RFC 4380'],
  ['2001:2::/48', 'benchmarking', 'RFC 5180'],
  ['2001:10::/28', 'ORCHID', 'RFC 4843'],
  ['2001:20::/28', 'ORCHIDv2', 'RFC 7343'],
  ['2001::/23', 'IETF protocol assignments', 'RFC 2928'],
  ['2001:db8::/32', 'documentation', 'RFC 3849'],
  ['2002::/16', '6to4', 'RFC 3056'],
  ['3fff::/20', 'documentation', 'RFC 9637'],
  ['5f00::/16', 'segment routing', 'RFC 9602'],
  ['fc00::/7', 'unique local, with the metadata service of EC2', 'RFC 4193'],
  ['fe80::/10', 'link-local', 'RFC 4291'],
  ['fec0::/10', 'site-local', 'RFC 3879'],
  ['ff00::/8', 'multicast', 'RFC 4291'],
  // What is left outside of 2000::/3.
  ['::/3', 'not global unicast', 'RFC 4291'],
  ['4000::/2', 'not global unicast', 'RFC 4291'],
  ['8000::/1', 'not global unicast', 'RFC 4291'],
] as const;

export interface AddressRange {
  readonly range: string;
  readonly name: string;
  /** Where the range is defined. */
  readonly source: string;
}

/** What the operator allows besides public addresses, for development: nothing, this machine's loopback, or all there are. */
export type PrivateTargets = 'off' | 'loopback' | 'all';

type Family = 'ipv4' | 'ipv6';

/** node's BlockList takes an IPv4 address for a member of ::ffff:0:0/96, so that each family has its own. */
const toEntries = (family: Family, table: readonly (readonly [string, string, string])[]) =>
  table.map(([range, name, source]) => {
    const [network = '', prefix] = range.split('/');
    const list = new BlockList();
    list.addSubnet(network, Number(prefix), family);
    return { range: { range, name, source }, family, list };
  });

const entries = [...toEntries('ipv4', IPV4), ...toEntries('ipv6', IPV6)];

/** The range that keeps the address from being sent to; undefined for one that is fine. */
export function refusedRange(address: string, allowed: PrivateTargets): AddressRange | undefined {
  const version = isIP(address);
  if (version === 0) return { range: address, name: 'not an address', source: 'RFC 4291' };
  if (allowed === 'all') return undefined;
  const family = version === 4 ? 'ipv4' : 'ipv6';
  const range = entries.find((entry) => entry.family === family && entry.list.check(address, family))?.range;
  return allowed === 'loopback' && range?.name === 'loopback' ? undefined : range;
}

/** The deployment's `allowPrivateWebhookTargets`. */
export function privateTargets(): PrivateTargets {
  const allowed = process.env.ALLOW_PRIVATE_WEBHOOK_TARGETS;
  return allowed === 'loopback' || allowed === 'all' ? allowed : 'off';
}
