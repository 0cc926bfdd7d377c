import { randomUUID } from 'node:crypto';
import type { Deliveries } from './delivery.ts';
import { type Envelope, isoSeconds } from './envelope.ts';
import { compilePattern, flatten, matches, type Pattern } from './pattern/index.ts';
import type { Bus, Rule } from './state.ts';

/** Brings an event that is on a bus to the targets of the rules that match it. Rules are those of this instant. */
export class Router {
  readonly #now: () => number;
  readonly #deliveries: Deliveries;
  /** A rule is replaced when it changes, and so is its compiled pattern. */
  readonly #patterns = new WeakMap<Rule, Pattern>();

  constructor(now: () => number, deliveries: Deliveries) {
    this.#now = now;
    this.#deliveries = deliveries;
  }

  route(bus: Bus, envelope: Envelope): void {
    const rules = [...bus.rules.values()].filter(({ state }) => state !== 'DISABLED');
    if (rules.length === 0) return;
    const event = flatten(envelope);
    for (const rule of rules) if (matches(this.#patternOf(rule), event)) this.#send(rule, envelope);
  }

  /** The event of a schedule, straight to the rule's targets. */
  fire(rule: Rule): void {
    if (rule.state === 'DISABLED') return;
    this.#send(rule, {
      version: '0',
      id: randomUUID(),
      'detail-type': 'Scheduled Event',
      source: 'aws.events',
      account: rule.account,
      time: isoSeconds(this.#now()),
      region: rule.region,
      resources: [rule.arn],
      detail: {},
    });
  }

  #send({ arn, name, account, region, targets }: Rule, envelope: Envelope): void {
    const rule = { arn, name, account, region };
    for (const target of targets)
      this.#deliveries.start({ rule, target, envelope, ingestedAt: this.#now(), retries: 0 });
  }

  /** A rule with a schedule alone matches nothing. */
  #patternOf(rule: Rule): Pattern {
    const known = this.#patterns.get(rule);
    if (known) return known;
    const pattern = rule.eventPattern === undefined ? [] : compilePattern(rule.eventPattern);
    this.#patterns.set(rule, pattern);
    return pattern;
  }
}
