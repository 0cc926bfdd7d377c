import type { Fields } from '../fields.ts';
import { readCloudAssembly, type StackTemplate } from './cloud-assembly.ts';
import type { Place } from './identity.ts';
import { Stack } from './stack.ts';

/** A resource of a template with every intrinsic function resolved. */
export interface Resource {
  readonly logicalId: string;
  readonly type: string;
  /** What `Ref` gives. */
  readonly physicalId: string;
  /** The name that the template gives, or `<stack>-<logicalId>`. */
  readonly physicalName: string;
  /** The `Arn` attribute, where the type has one. */
  readonly arn: string | undefined;
  readonly properties: Fields;
  readonly metadata: Fields;
}

export interface LoadedStack {
  readonly stackName: string;
  readonly resources: readonly Resource[];
  readonly outputs: Readonly<Record<string, string>>;
}

/** Reads cdk.out and resolves it: what comes out is all that the embedded cloud knows of the project. */
export function loadStacks(cdkOut: string, place: Place): LoadedStack[] {
  return resolveStacks(readCloudAssembly(cdkOut), place);
}

export function resolveStacks(templates: readonly StackTemplate[], place: Place): LoadedStack[] {
  const stacks = new Map<string, Stack>();
  const neighbours = {
    // Outputs are resolved when they are asked for, so that the order of the stacks does not matter.
    importValue: (exportName: string) => {
      for (const stack of stacks.values()) if (stack.exports.has(exportName)) return stack.exported(exportName);
      throw new Error(`Fn::ImportValue: no stack exports ${exportName}`);
    },
    stackOutput: (stackName: string, outputName: string) => {
      const stack = stacks.get(stackName);
      if (!stack) throw new Error(`Fn::GetStackOutput: there is no stack ${stackName}`);
      return stack.output(outputName);
    },
  };
  for (const { stackName, template } of templates) {
    stacks.set(stackName, new Stack(stackName, template, place, neighbours));
  }
  return [...stacks.values()].map((stack) => stack.load());
}
