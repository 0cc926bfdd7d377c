import type { Caller } from '../aws-error.ts';
import { parseArn } from './arns.ts';
import type { Context, Operation, Operations } from './context.ts';
import { limitExceeded, validation } from './errors.ts';
import type { Limits } from './limits.ts';
import { ARN, TAG_KEY, TAG_VALUE } from './shapes.ts';
import type { Tag } from './state.ts';
import { Fields } from './validation.ts';

/** Tags of rules and buses. */
export function tags(context: Context): Operations {
  return {
    TagResource: change(context, (fields, before) => merged(before, readTags(fields, context.limits), context.limits)),
    UntagResource: change(context, (fields, before) => {
      const keys = new Set(fields.texts('TagKeys', TAG_KEY));
      return before.filter(({ Key }) => !keys.has(Key));
    }),
    ListTagsForResource: (input, caller) => {
      const fields = new Fields(input);
      const arn = fields.required('ResourceARN', ARN);
      fields.check();
      return { Tags: tagged(context, arn, caller).tags };
    },
  };
}

export function readTags(fields: Fields, limits: Limits): Tag[] {
  const read = (fields.objects('Tags') ?? []).map((tag) => ({
    Key: tag.required('Key', TAG_KEY),
    Value: tag.required('Value', TAG_VALUE),
  }));
  return merged([], read, limits);
}

function merged(before: readonly Tag[], added: readonly Tag[], { tagsPerResource }: Limits): Tag[] {
  const byKey = new Map([...before, ...added].map((tag) => [tag.Key, tag]));
  if (byKey.size > tagsPerResource) throw limitExceeded();
  return [...byKey.values()];
}

function change(context: Context, next: (fields: Fields, before: readonly Tag[]) => readonly Tag[]): Operation {
  return (input, caller) => {
    const fields = new Fields(input);
    const arn = fields.required('ResourceARN', ARN);
    fields.check();
    const resource = tagged(context, arn, caller);
    const after = next(fields, resource.tags);
    fields.check();
    resource.write(after);
    return {};
  };
}

function tagged({ store }: Context, arn: string, caller: Caller) {
  const parsed = parseArn(arn);
  if (parsed?.account !== caller.account || parsed.region !== caller.region)
    throw validation(`Parameter ResourceARN is not valid. Reason: ${arn} is no rule or event bus of this account.`);
  if (parsed.kind === 'rule') {
    const rule = store.rule(parsed.rule, parsed.bus, caller);
    return { tags: rule.tags, write: (after: readonly Tag[]) => store.putRule({ ...rule, tags: after }) };
  }
  const bus = store.bus(parsed.bus, caller);
  const write = (after: readonly Tag[]) => {
    bus.tags = after;
    store.touch(bus);
  };
  return { tags: bus.tags, write };
}
