import { Resolver } from 'node:dns/promises';
import type { LookupFunction } from 'node:net';
import { type AddressRange, type PrivateTargets, refusedRange } from './addresses.ts';
import { isLocalhost } from './target.ts';

/** A host's addresses, of both families; at least one, or it throws. */
export type Resolve = (host: string) => Promise<readonly string[]>;

/** For how long IPv6 is waited for when there is IPv4, ms: some name servers never answer what they do not know. */
const GRACE = 250;

/**
 * Asks DNS itself and not `dns.lookup`: that works on four threads for the whole process, which four names that hang would
 * take from everybody else's for seconds. Each family has two tries of two seconds.
 */
export const resolveByDns: Resolve = (host) => resolveBy(new Resolver({ timeout: 2000, tries: 2 }), host);

/** The same, by a resolver of its own, which is canceled. */
export async function resolveBy(resolver: Resolver, host: string): Promise<readonly string[]> {
  if (isLocalhost(host)) return ['127.0.0.1', '::1'];
  let grace: NodeJS.Timeout | undefined;
  const cancelSoon = () => {
    grace = setTimeout(() => resolver.cancel(), GRACE);
  };
  const asked = [resolver.resolve4(host), resolver.resolve6(host)] as const;
  asked[0].then(cancelSoon, () => undefined);
  const [ipv4, ipv6] = await Promise.allSettled(asked);
  clearTimeout(grace);
  const addresses = [ipv4, ipv6].flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
  if (addresses.length === 0 && ipv4.status === 'rejected') throw ipv4.reason;
  return addresses;
}

/** The target is none to which anything may be sent. */
export class RefusedTarget extends Error {
  override readonly name = 'RefusedTarget';
}

/** The address itself stays out of it: what a name resolves to inside our network is nobody's to read. */
const refusedBy = ({ name, source }: AddressRange): RefusedTarget =>
  new RefusedTarget(`The host's name resolves to an address that is not public (${name}, ${source}).`);

/**
 * What a connection asks for its host's addresses. All that are known are checked, and only those checked are connected to:
 * there is no second look-up that could say something else. It is not asked for a literal address, which the client
 * therefore checks by itself.
 */
export const guardedLookup =
  (resolve: Resolve, allowed: PrivateTargets): LookupFunction =>
  (host, options, callback) => {
    addressesOf(host, resolve, allowed).then(
      (found) => {
        const [first] = found;
        if (options.all) callback(null, [...found]);
        else callback(null, first.address, first.family);
      },
      (error: NodeJS.ErrnoException) => callback(error, []),
    );
  };

interface Address {
  readonly address: string;
  readonly family: 4 | 6;
}

async function addressesOf(
  host: string,
  resolve: Resolve,
  allowed: PrivateTargets,
): Promise<readonly [Address, ...Address[]]> {
  const addresses = await resolve(host);
  const refused = addresses.map((address) => refusedRange(address, allowed)).find((range) => range !== undefined);
  if (refused) throw refusedBy(refused);
  const found = addresses.map((address): Address => ({ address, family: address.includes(':') ? 6 : 4 }));
  const [first, ...rest] = isLocalhost(host) ? found : ofOneFamily(found);
  if (!first) throw Object.assign(new Error(`${host} has no address`), { code: 'ENODATA' });
  return [first, ...rest];
}

/**
 * IPv6 only where there is nothing else: a function has no way out by it, and each address that is tried in vain takes its
 * time from the others. This machine is reached by both, and its developer may listen on either.
 */
function ofOneFamily(addresses: readonly Address[]): readonly Address[] {
  const ipv4 = addresses.filter(({ family }) => family === 4);
  return ipv4.length > 0 ? ipv4 : addresses;
}
