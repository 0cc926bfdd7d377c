import { createHash } from 'node:crypto';
import { Fields } from '../fields.ts';
import { type Identity, identify, type Place } from './identity.ts';
import { evaluate, NO_VALUE, resolve, type Scope } from './intrinsics.ts';
import type { LoadedStack, Resource } from './load-stacks.ts';
import { IGNORED, SUPPORTED } from './resource-types.ts';

/** What a stack asks the others for. */
export type Neighbours = Pick<Scope, 'importValue' | 'stackOutput'>;

/** Of functions and rules; CloudFormation, too, cuts the names that it makes. */
const SHORTEST_NAME_LIMIT = 64;

/** One stack while it is being resolved: the scope of its own intrinsic functions. */
export class Stack implements Scope {
  readonly stackName: string;
  /** Export name to output name. */
  readonly exports: ReadonlyMap<string, string>;
  readonly importValue: Scope['importValue'];
  readonly stackOutput: Scope['stackOutput'];
  readonly #template: Fields;
  readonly #place: Place;
  readonly #pseudo: Readonly<Record<string, unknown>>;
  readonly #identities = new Map<string, Identity & { readonly name: string }>();
  readonly #beingIdentified = new Set<string>();

  constructor(stackName: string, template: Fields, place: Place, neighbours: Neighbours) {
    this.stackName = stackName;
    this.#template = template;
    this.#place = place;
    this.importValue = neighbours.importValue;
    this.stackOutput = neighbours.stackOutput;
    this.#pseudo = pseudoParameters(stackName, place);
    this.exports = this.#readExports();
  }

  load(): LoadedStack {
    const resources = this.#template.fields('Resources');
    const loaded = Object.keys(resources.values).flatMap((logicalId) => this.#load(logicalId) ?? []);
    const outputNames = Object.keys(this.#template.fields('Outputs').values);
    const outputs = Object.fromEntries(outputNames.map((name) => [name, String(this.output(name))]));
    return { stackName: this.stackName, resources: loaded, outputs };
  }

  ref(name: string): unknown {
    if (name in this.#pseudo) return this.#pseudo[name];
    if (this.#template.fields('Parameters').has(name)) return this.#parameter(name);
    return this.#identity(name).ref;
  }

  getAtt(logicalId: string, attribute: string): unknown {
    const value = this.#identity(logicalId).attributes[attribute];
    if (value !== undefined) return value;
    throw new Error(
      `${this.stackName}: Fn::GetAtt ${logicalId}.${attribute} is not known for ${this.#type(logicalId)}`,
    );
  }

  findInMap(map: string, first: string, second: string): unknown {
    return this.#template.fields('Mappings').fields(map).fields(first).values[second];
  }

  condition(name: string): boolean {
    const conditions = this.#template.fields('Conditions');
    if (!conditions.has(name)) throw new Error(`${this.stackName} has no condition ${name}`);
    return evaluate(conditions.values[name], this);
  }

  output(name: string): unknown {
    const outputs = this.#template.fields('Outputs');
    if (!outputs.has(name)) throw new Error(`${this.stackName} has no output ${name}`);
    return resolve(outputs.fields(name).values.Value, this);
  }

  exported(exportName: string): unknown {
    return this.output(this.exports.get(exportName) ?? exportName);
  }

  #load(logicalId: string): Resource | undefined {
    const resource = this.#resource(logicalId);
    const type = resource.string('Type');
    if (resource.has('Condition') && !this.condition(resource.string('Condition'))) return undefined;
    if (IGNORED.has(type)) return undefined;
    if (!(type in SUPPORTED)) {
      throw new Error(`${this.stackName}: ${logicalId} is an ${type}, for which the embedded cloud has no counterpart`);
    }
    const where = `${this.stackName}: ${logicalId}`;
    const { name, ref, attributes } = this.#identity(logicalId);
    return {
      logicalId,
      type,
      physicalId: ref,
      physicalName: name,
      arn: attributes.Arn,
      properties: new Fields(this.#resolveAt(where, resource.fields('Properties').values), where),
      metadata: resource.fields('Metadata'),
    };
  }

  #resolveAt(where: string, value: unknown): unknown {
    try {
      return resolve(value, this);
    } catch (error) {
      throw new Error(`${where}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
    }
  }

  #resource(logicalId: string): Fields {
    const resources = this.#template.fields('Resources');
    if (!resources.has(logicalId)) throw new Error(`${this.stackName} has no resource or parameter ${logicalId}`);
    return resources.fields(logicalId);
  }

  #type(logicalId: string): string {
    return this.#resource(logicalId).string('Type');
  }

  /** Only the properties that make the identity are resolved here: resources may point at each other. */
  #identity(logicalId: string): Identity & { readonly name: string } {
    const identified = this.#identities.get(logicalId);
    if (identified) return identified;
    if (this.#beingIdentified.has(logicalId))
      throw new Error(`${this.stackName}: the name of ${logicalId} needs itself`);
    this.#beingIdentified.add(logicalId);
    const type = this.#type(logicalId);
    const properties = this.#resource(logicalId).fields('Properties');
    const resolved = (property: string | undefined) =>
      property && properties.has(property) ? resolve(properties.values[property], this) : undefined;
    const name = String(resolved(SUPPORTED[type]?.nameProperty) ?? this.#defaultName(logicalId, properties));
    const known = { EventBusName: resolved('EventBusName'), StageName: resolved('StageName') };
    const identity = identify({ type, logicalId, name, properties: known }, this.#place);
    this.#identities.set(logicalId, { ...identity, name });
    return { ...identity, name };
  }

  #defaultName(logicalId: string, properties: Fields): string {
    const fifo = this.#type(logicalId) === 'AWS::SQS::Queue' && properties.values.FifoQueue === true;
    const room = Math.max(1, SHORTEST_NAME_LIMIT - logicalId.length - 1);
    return `${shortened(this.stackName, room)}-${logicalId}${fifo ? '.fifo' : ''}`;
  }

  #parameter(name: string): unknown {
    const parameter = this.#template.fields('Parameters').fields(name);
    if (parameter.has('Default')) return parameter.values.Default;
    throw new Error(`${this.stackName}: parameter ${name} has no default, and nobody here gives it a value`);
  }

  #readExports(): Map<string, string> {
    const outputs = this.#template.fields('Outputs');
    const exports = new Map<string, string>();
    for (const name of Object.keys(outputs.values)) {
      const exportName = outputs.fields(name).fields('Export').values.Name;
      if (exportName !== undefined) exports.set(String(resolve(exportName, this)), name);
    }
    return exports;
  }
}

/** Two stacks whose names begin alike must not make one name. */
const shortened = (name: string, room: number): string => {
  if (name.length <= room) return name;
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 8);
  return `${name.slice(0, Math.max(0, room - hash.length))}${hash}`.slice(0, room);
};

const pseudoParameters = (stackName: string, place: Place): Record<string, unknown> => ({
  'AWS::AccountId': place.account,
  'AWS::Region': place.region,
  'AWS::Partition': place.partition,
  'AWS::URLSuffix': place.urlSuffix,
  'AWS::StackName': stackName,
  'AWS::StackId': `arn:${place.partition}:cloudformation:${place.region}:${place.account}:stack/${stackName}/local`,
  'AWS::NoValue': NO_VALUE,
});
