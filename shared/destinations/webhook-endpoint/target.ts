import { isIP } from 'node:net';
import { type PrivateTargets, refusedRange } from './addresses.ts';

/**
 * Ports of other protocols, to which a request could be made to speak: those that the Fetch standard has browsers refuse
 * ("port blocking", fetch.spec.whatwg.org), 22 and 25 among them. Every other port is the customer's to choose.
 */
const REFUSED_PORTS: ReadonlySet<number> = new Set([
  0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104, 109, 110,
  111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515, 526, 530, 531, 532,
  540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061,
  6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080,
]);

/** Names that stand for nothing on the public internet (IANA's special-use domain names, and ICANN's `internal`). */
const SPECIAL_USE = ['localhost', 'local', 'internal', 'home.arpa', 'invalid', 'test', 'onion', 'alt'];

/** Where a URL's request would go, as far as the URL alone says it. */
type Target = Pick<URL, 'protocol' | 'hostname' | 'port'>;

/** The host without the brackets of an IPv6 literal; a name without the dot of the root. */
export const hostOf = ({ hostname }: Target): string => hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '');

export const portOf = ({ protocol, port }: Target): number => Number(port || (protocol === 'https:' ? 443 : 80));

/** `localhost` and its subdomains are the loopback addresses, whatever a resolver says (RFC 6761). */
export const isLocalhost = (host: string): boolean => isUnder('localhost', host.toLowerCase());

const isUnder = (domain: string, name: string): boolean => name === domain || name.endsWith(`.${domain}`);

/** Why nothing may be sent to the target, if the URL alone shows it: its port, its literal address, or its name. */
export function targetProblem(target: Target, allowed: PrivateTargets): string | undefined {
  const port = portOf(target);
  if (REFUSED_PORTS.has(port)) return `Must not use port ${port}, which belongs to another protocol than HTTP.`;
  const host = hostOf(target);
  if (isIP(host)) return literalProblem(host, allowed);
  if (allowed === 'all' || (allowed === 'loopback' && isLocalhost(host))) return undefined;
  if (!host.includes('.') || SPECIAL_USE.some((domain) => isUnder(domain, host)))
    return `Must be reachable on the public internet: '${host}' is a name that is only known locally.`;
  return undefined;
}

function literalProblem(address: string, allowed: PrivateTargets): string | undefined {
  const range = refusedRange(address, allowed);
  return (
    range &&
    `Must be reachable on the public internet: ${address} is in ${range.range} (${range.name}, ${range.source}).`
  );
}
