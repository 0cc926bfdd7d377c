import type { Caller } from '../aws-error.ts';
import { busArn, DEFAULT_BUS, parseArn } from './arns.ts';
import { noSuchBus, noSuchRule } from './errors.ts';
import { hasExpired } from './source-states.ts';
import type { Bus, Rule, Snapshot, Source } from './state.ts';

/** What exists, by Region and account. Expired sources vanish when somebody looks. */
export class Store {
  readonly #now: () => number;
  readonly #changed: () => void;
  /** By Region, then by name: a name is unique over all accounts of a Region. */
  readonly #sources = new Map<string, Map<string, Source>>();
  /** By ARN. */
  readonly #buses = new Map<string, Bus>();

  constructor(now: () => number, changed: () => void, restored?: Snapshot) {
    this.#now = now;
    this.#changed = changed;
    for (const source of restored?.sources ?? []) this.#region(source.region).set(source.name, source);
    for (const bus of restored?.buses ?? [])
      this.#buses.set(bus.arn, { ...bus, rules: new Map(bus.rules.map((rule) => [rule.name, rule])) });
  }

  source(region: string, name: string): Source | undefined {
    const source = this.#region(region).get(name);
    if (!source || !hasExpired(source, this.#now())) return source;
    this.deleteSource(source);
    return undefined;
  }

  sources(region: string): Source[] {
    const names = [...this.#region(region).keys()];
    return names.map((name) => this.source(region, name)).filter((source) => source !== undefined);
  }

  putSource(source: Source): void {
    this.#region(source.region).set(source.name, source);
    this.#changed();
  }

  deleteSource(source: Source): void {
    this.#region(source.region).delete(source.name);
    this.#changed();
  }

  /** The bus of an account and Region by name or ARN. `default` is there from the beginning. */
  findBus(nameOrArn: string, { account, region }: Caller): Bus | undefined {
    const arn = nameOrArn.startsWith('arn:') ? nameOrArn : busArn(region, account, nameOrArn);
    const bus = this.#buses.get(arn);
    const parsed = parseArn(arn);
    if (bus || parsed?.bus !== DEFAULT_BUS) return bus;
    return this.#keep(newBus(DEFAULT_BUS, { account: parsed.account, region: parsed.region }, this.#now()));
  }

  /** The caller's own bus; another account's is as good as absent. */
  bus(nameOrArn: string, caller: Caller): Bus {
    const bus = this.findBus(nameOrArn, caller);
    if (bus?.account !== caller.account || bus.region !== caller.region) throw noSuchBus(nameOrArn);
    return bus;
  }

  buses(caller: Caller): Bus[] {
    this.findBus(DEFAULT_BUS, caller);
    return [...this.#buses.values()].filter((bus) => bus.account === caller.account && bus.region === caller.region);
  }

  putBus(bus: Bus): void {
    this.#keep(bus);
    this.#changed();
  }

  deleteBus(bus: Bus): void {
    this.#buses.delete(bus.arn);
    this.#changed();
  }

  rule(name: string, bus: string, caller: Caller): Rule {
    const found = this.bus(bus, caller);
    const rule = found.rules.get(name);
    if (!rule) throw noSuchRule(name, found.name);
    return rule;
  }

  ruleByArn(arn: string): Rule | undefined {
    const parsed = parseArn(arn);
    if (parsed?.kind !== 'rule') return undefined;
    return this.#buses.get(busArn(parsed.region, parsed.account, parsed.bus))?.rules.get(parsed.rule);
  }

  putRule(rule: Rule): void {
    this.#busOf(rule).rules.set(rule.name, rule);
    this.#changed();
  }

  deleteRule(rule: Rule): void {
    this.#busOf(rule).rules.delete(rule.name);
    this.#changed();
  }

  rules(): Rule[] {
    return [...this.#buses.values()].flatMap((bus) => [...bus.rules.values()]);
  }

  /** After a bus was changed in place. */
  touch(bus: Bus): void {
    bus.modifiedAt = this.#now();
    this.#changed();
  }

  snapshot(): Pick<Snapshot, 'sources' | 'buses'> {
    return {
      sources: [...this.#sources.values()].flatMap((region) => [...region.values()]),
      buses: [...this.#buses.values()].map((bus) => ({ ...bus, rules: [...bus.rules.values()] })),
    };
  }

  #busOf(rule: Rule): Bus {
    return this.bus(rule.bus, rule);
  }

  #keep(bus: Bus): Bus {
    this.#buses.set(bus.arn, bus);
    return bus;
  }

  #region(region: string): Map<string, Source> {
    const found = this.#sources.get(region) ?? new Map<string, Source>();
    this.#sources.set(region, found);
    return found;
  }
}

export function newBus(name: string, { account, region }: Caller, now: number, more: Partial<Bus> = {}): Bus {
  return {
    arn: busArn(region, account, name),
    name,
    account,
    region,
    createdAt: now,
    modifiedAt: now,
    settings: {},
    tags: [],
    ...more,
    rules: new Map(),
  };
}
