import { BlockList, isIP } from 'node:net';
import { invalidPattern } from '../errors.ts';
import type { Leaf } from '../json.ts';

/** `10.0.0.0/24`, `2001:db8:1234:1a00::/64`. Like AWS, refuses masks that leave no free bit. */
export function cidr(range: string): (value: Leaf) => boolean {
  const [address = '', mask = '', ...more] = range.split('/');
  if (mask === '' || more.length > 0) throw invalidPattern("Malformed CIDR, one '/' required");
  if (!/^[+-]?\d+$/.test(mask)) throw invalidPattern('Malformed CIDR, mask bits must be an integer');
  const bits = Number(mask);
  if (bits < 0) throw invalidPattern('Malformed CIDR, mask bits must not be negative');
  const version = isIP(address);
  if (version === 0) throw invalidPattern(`Nonstandard IP address: ${address}`);
  if (version === 4 && bits > 31) throw invalidPattern('IPv4 mask bits must be < 32');
  if (version === 6 && bits > 127) throw invalidPattern('IPv6 mask bits must be < 128');

  const family = version === 4 ? 'ipv4' : 'ipv6';
  const block = new BlockList();
  block.addSubnet(address, bits, family);
  return (value) => typeof value === 'string' && isIP(value) === version && block.check(value, family);
}
