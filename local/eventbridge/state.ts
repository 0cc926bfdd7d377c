import type { Policy } from './bus-policy.ts';
import type { WaitingDelivery } from './delivery.ts';
import type { Target } from './targets.ts';

export interface Tag {
  readonly Key: string;
  readonly Value: string;
}

/** A partner's event source, while it lives for the partner. Times are ms since the epoch. See source-states.ts. */
export type Source = {
  readonly region: string;
  readonly name: string;
  /** The account that created it. */
  readonly partner: string;
  /** The account that it is shared with. */
  readonly account: string;
  readonly createdAt: number;
} & ({ readonly state: 'PENDING'; readonly expiresAt: number } | { readonly state: 'ACTIVE' });

export interface Rule {
  readonly name: string;
  readonly arn: string;
  readonly bus: string;
  readonly account: string;
  readonly region: string;
  readonly state: string;
  readonly eventPattern?: string;
  readonly scheduleExpression?: string;
  readonly description?: string;
  readonly roleArn?: string;
  readonly tags: readonly Tag[];
  readonly targets: readonly Target[];
}

export interface Bus {
  readonly arn: string;
  readonly name: string;
  readonly account: string;
  readonly region: string;
  readonly createdAt: number;
  modifiedAt: number;
  /** For a partner bus, what remains to be told when the partner has deleted the source. */
  readonly sourceCreatedAt?: number;
  /** Description, KmsKeyIdentifier, DeadLetterConfig and LogConfig: stored and returned. */
  readonly settings: Readonly<Record<string, unknown>>;
  policy?: Policy;
  tags: readonly Tag[];
  readonly rules: Map<string, Rule>;
}

/** The whole state as JSON. */
export interface Snapshot {
  readonly version: 1;
  readonly sources: readonly Source[];
  readonly buses: readonly (Omit<Bus, 'rules'> & { readonly rules: readonly Rule[] })[];
  /** Deliveries that failed and wait for their next attempt. */
  readonly waiting: readonly WaitingDelivery[];
}

/** Only this module's own snapshots are taken back; the version stands for their whole shape. */
export function isSnapshot(value: unknown): value is Snapshot {
  return typeof value === 'object' && value !== null && 'version' in value && value.version === 1;
}
