import * as z from 'zod';

/** One stack's resources, with every intrinsic resolved: `Ref` of a resource is its logical id. */
export type TemplateResources = Readonly<Record<string, { Type: string; Properties: Record<string, unknown> }>>;

/** CloudFormation takes numbers as text as well. */
const wholeNumber = z.coerce.number().int();
const templates = z.record(z.string(), z.string());

const restApiSchema = z.object({ Name: z.string().optional(), BinaryMediaTypes: z.array(z.string()).default([]) });
const resourceSchema = z.object({ RestApiId: z.string(), ParentId: z.string(), PathPart: z.string() });
const integrationSchema = z.object({
  Type: z.enum(['AWS_PROXY', 'MOCK']),
  Uri: z.string().optional(),
  TimeoutInMillis: wholeNumber.default(29_000),
  RequestTemplates: templates.default({}),
  IntegrationResponses: z
    .array(z.object({ StatusCode: z.coerce.string(), ResponseParameters: templates.default({}) }))
    .default([]),
});
const methodSchema = z.object({
  RestApiId: z.string(),
  ResourceId: z.string(),
  HttpMethod: z.string(),
  Integration: integrationSchema,
});
const gatewayResponseSchema = z.object({
  RestApiId: z.string(),
  ResponseType: z.string(),
  StatusCode: wholeNumber.optional(),
  ResponseParameters: templates.default({}),
  ResponseTemplates: templates.default({}),
});
const methodSettingSchema = z.object({
  HttpMethod: z.string().default('*'),
  ResourcePath: z.string().default('/*'),
  ThrottlingRateLimit: z.coerce.number().optional(),
  ThrottlingBurstLimit: z.coerce.number().optional(),
});
const stageSchema = z.object({
  RestApiId: z.string(),
  StageName: z.string(),
  Variables: templates.optional(),
  MethodSettings: z.array(methodSettingSchema).default([]),
});

export type Integration = z.infer<typeof integrationSchema>;
export type GatewayResponse = z.infer<typeof gatewayResponseSchema>;
export type MethodSetting = z.infer<typeof methodSettingSchema>;

/** A node of the API's tree of paths. */
export interface ApiResource {
  readonly id: string;
  /** The whole path, for example `/v2/core/events/{id}`. */
  readonly path: string;
  readonly pathPart: string;
  readonly children: ApiResource[];
  /** By HTTP method; `ANY` stands for the ones that are not there. */
  readonly methods: Map<string, Integration>;
}

export interface ApiModel {
  readonly root: ApiResource;
  readonly gatewayResponses: ReadonlyMap<string, GatewayResponse>;
  readonly binaryMediaTypes: readonly string[];
  readonly stage: z.infer<typeof stageSchema>;
}

/** Reads what belongs to the REST API `apiId` (its logical id). Throws on what the emulation does not know. */
export function readApi(resources: TemplateResources, apiId: string): ApiModel {
  const api = resources[apiId];
  if (api?.Type !== 'AWS::ApiGateway::RestApi') throw new Error(`The template has no REST API ${apiId}`);

  const owned = <S extends z.ZodType<{ RestApiId: string }>>(type: string, schema: S): [string, z.infer<S>][] =>
    Object.entries(resources)
      .filter(([, resource]) => resource.Type === `AWS::ApiGateway::${type}`)
      .map(([id, resource]): [string, z.infer<S>] => [id, schema.parse(resource.Properties)])
      .filter(([, properties]) => properties.RestApiId === apiId);

  const nodes = tree(apiId, owned('Resource', resourceSchema));
  for (const [id, method] of owned('Method', methodSchema)) {
    const node = nodes.get(method.ResourceId);
    if (!node) throw new Error(`Method ${id} belongs to a resource that is not there: ${method.ResourceId}`);
    node.methods.set(method.HttpMethod, method.Integration);
  }
  const [stage] = owned('Stage', stageSchema);
  const root = nodes.get(rootId(apiId));
  if (!stage || !root) throw new Error(`REST API ${apiId} has no stage: it could not be called`);
  const gatewayResponses = owned('GatewayResponse', gatewayResponseSchema);
  return {
    root,
    stage: stage[1],
    gatewayResponses: new Map(gatewayResponses.map(([, response]) => [response.ResponseType, response])),
    binaryMediaTypes: restApiSchema.parse(api.Properties).BinaryMediaTypes,
  };
}

const rootId = (apiId: string): string => `${apiId}.RootResourceId`;

type ResourceProperties = z.infer<typeof resourceSchema>;

function tree(apiId: string, resources: readonly [string, ResourceProperties][]): Map<string, ApiResource> {
  const root = { id: rootId(apiId), path: '/', pathPart: '', children: [], methods: new Map() };
  const nodes = new Map<string, ApiResource>([[root.id, root]]);
  // A template lists its resources in any order: each round places those whose parent is there.
  for (let left = resources; left.length > 0; ) {
    const orphans = left.filter(([id, resource]) => !place(nodes, id, resource));
    if (orphans.length === left.length) throw new Error(`Resources without a parent: ${orphans.map(([id]) => id)}`);
    left = orphans;
  }
  return nodes;
}

function place(nodes: Map<string, ApiResource>, id: string, { ParentId, PathPart }: ResourceProperties): boolean {
  const parent = nodes.get(ParentId);
  if (!parent) return false;
  const path = `${parent.path === '/' ? '' : parent.path}/${PathPart}`;
  const node = { id, path, pathPart: PathPart, children: [], methods: new Map() };
  parent.children.push(node);
  nodes.set(id, node);
  return true;
}
