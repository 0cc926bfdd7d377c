import * as z from 'zod/mini';

/** Something that the customer does on his own side. */
const SetupStep = z.strictObject({
  id: z.enum([
    'associate_event_source',
    'create_event_bus',
    'echo_probes',
    'create_rule',
    'enable_event_destination',
    'create_event_destination',
  ]),
  status: z.enum(['to_do', 'done', 'unknown', 'not_visible']),
  title: z.string(),
  description: z.string(),
  aws_cli: z.array(z.string()),
});
export type SetupStep = z.infer<typeof SetupStep>;

/** What a destination type says of its setup. */
const own = {
  delivery: z.enum(['partner_event_source', 'event_bus']),
  event_source_name: z.string(),
  aws_event_source_status: z.enum(['pending', 'active', 'deleted', 'unknown']),
  publisher_aws_account_id: z.optional(z.string()),
  echo_endpoint: z.optional(z.string()),
  steps: z.array(SetupStep),
  console_url: z.nullable(z.string()),
  cdk: z.nullable(z.string()),
  cloudformation: z.nullable(z.strictObject({ json: z.string(), yaml: z.string() })),
};
const Own = z.strictObject(own);
export type Setup = z.infer<typeof Own>;

/** `v2.core.event_destination.setup` as the API shows it. */
export const SetupResponse = z.strictObject({
  object: z.literal('v2.core.event_destination.setup'),
  event_destination: z.string(),
  livemode: z.boolean(),
  ...own,
});
export type SetupResponse = z.infer<typeof SetupResponse>;
