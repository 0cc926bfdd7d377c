import * as z from 'zod';

const stateSchema = z.looseObject({
  Type: z.string(),
  Resource: z.string().optional(),
  TimeoutSeconds: z.number().optional(),
  TimeoutSecondsPath: z.string().optional(),
  get Branches() {
    return z.array(machineSchema).optional();
  },
  get Iterator() {
    return machineSchema.optional();
  },
  get ItemProcessor() {
    return machineSchema.optional();
  },
});

const machineSchema = z.looseObject({
  QueryLanguage: z.literal('JSONPath', 'The embedded cloud runs JSONPath only, no JSONata').optional(),
  TimeoutSeconds: z.number().optional(),
  get States() {
    return z.record(z.string(), stateSchema);
  },
});

type State = z.infer<typeof stateSchema>;
type Machine = z.infer<typeof machineSchema>;

export interface Definition {
  /** For the interpreter. */
  readonly machine: object;
  /** The whole execution's time-out. It is kept here: the interpreter's own would not stop a state that retries. */
  readonly timeoutSeconds: number | undefined;
  /** The Resource of every Task state, by the state's name, nested ones included: names are unique in a machine. */
  readonly tasks: ReadonlyMap<string, string>;
}

/** AWS's default for a Task; the interpreter's is a minute. */
const TASK_TIMEOUT_SECONDS = 99_999_999;

export function readDefinition(definition: object): Definition {
  const { TimeoutSeconds, ...machine } = machineSchema.parse(definition);
  const tasks = new Map<string, string>();
  const prepared = prepareMachine(machine, tasks);
  return { machine: prepared, timeoutSeconds: TimeoutSeconds, tasks };
}

function prepareMachine(machine: Machine, tasks: Map<string, string>): Machine {
  const states = Object.entries(machine.States).map(([name, state]) => [name, prepareState(name, state, tasks)]);
  return { ...machine, States: Object.fromEntries(states) };
}

function prepareState(name: string, state: State, tasks: Map<string, string>): State {
  if (state.Type === 'Task') tasks.set(name, state.Resource ?? '');
  const limited = state.TimeoutSeconds !== undefined || state.TimeoutSecondsPath !== undefined;
  return {
    ...state,
    ...(state.Type === 'Task' && !limited && { TimeoutSeconds: TASK_TIMEOUT_SECONDS }),
    ...(state.Branches && { Branches: state.Branches.map((branch) => prepareMachine(branch, tasks)) }),
    ...(state.Iterator && { Iterator: prepareMachine(state.Iterator, tasks) }),
    ...(state.ItemProcessor && { ItemProcessor: prepareMachine(state.ItemProcessor, tasks) }),
  };
}
