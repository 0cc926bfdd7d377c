import type * as z from 'zod/mini';
import type { Admission } from '../deliveries/admission.ts';
import type { Event } from '../events/event.ts';
import type { FieldProblem } from '../http/errors.ts';
import type { Destination, EventBridgePart, WebhookPart } from './destination.ts';
import type { Setup } from './setup.ts';

/** One event to be attempted at its destination, ready to be rendered. */
export interface AttemptRequest<D extends Destination = Destination> {
  readonly destination: D;
  readonly event: Event;
  /**
   * What a snapshot event says to a webhook endpoint: how many of its owner's the event is meant for, itself among them.
   * Those that have it already are not taken off: that would be a read of each for every attempt.
   */
  readonly pendingWebhooks: number;
}

/**
 * How an attempt ended. `ours` is a failure that says nothing about the destination (throttled, a Region in trouble): it
 * is never charged to it, the message goes back to its queue; if it is `awsRefused` again and again, it waits outside.
 */
export type Outcome =
  | { readonly kind: 'succeeded'; readonly durationMs: number; readonly httpStatus?: number }
  | (FailureCause & {
      readonly kind: 'failed';
      /** What the receiver said, or what went wrong in detail. */
      readonly message: string;
      readonly durationMs: number;
      /** It did not answer in time. */
      readonly timedOut?: true;
      /** The receiver asks not to be tried before this instant, ms. */
      readonly retryAfter?: number;
    })
  | { readonly kind: 'ours'; readonly code: string; readonly message: string; readonly awsRefused?: true }
  /** It was not attempted, because the destination hangs or the batch has taken too long: its turn comes again. */
  | { readonly kind: 'put_off' };

/** AWS's error code, or why in words such as `Timed out` and `HTTP 503`. */
type FailureCause =
  | { readonly code: string }
  | { readonly reason: string /** If it answered. */; readonly httpStatus?: number };

type OwnPart = EventBridgePart | WebhookPart;

/**
 * A destination type, as everybody knows it who moves its deliveries. A new type is a folder with one of these
 * (`index.ts`) and a line in `types.ts`; beside it stand how it is managed (`managed.ts`) and how it is delivered to
 * (`delivering.ts`), apart, because few functions need either and every one pays for its bundle with its cold starts.
 */
export interface DestinationType<D extends Destination = Destination> {
  readonly type: D['type'];
  /** Words for the customer when what it owned outside is gone for good, so that it can never deliver again. */
  gone(destination: D): string | undefined;
  /** What in the destination's own state outside holds or ends its deliveries. */
  admission(destination: D): Admission;
  /** A success is firm only once its state outside is confirmed after it; until then it may return to held. */
  readonly provisional: boolean;
  /** The environment variable with the URL of the queue that its deliveries travel on. */
  readonly deliveriesQueue: string;
  /** The same of the queue for destinations that are slow; without one, they stay among the others. */
  readonly slowQueue?: string;
}

/** A destination type's part of the requests and the answers, and what it owns outside. */
export interface ManagedType<
  D extends Destination = Destination,
  Parameters extends z.ZodMiniType = z.ZodMiniType,
  Response extends z.ZodMiniType = z.ZodMiniType,
> {
  /** The schema of the request's object of this type's name. */
  readonly parameters: Parameters;
  /** The schema of the response's object of this type's name. */
  readonly response: Response;
  /** What the schema cannot say of the parameters; `field` is a path within them. */
  validateParameters(parameters: z.infer<Parameters>, livemode: boolean): FieldProblem[];
  /** Event types that this type cannot serve. */
  validateEvents(enabledEvents: readonly string[]): FieldProblem[];
  /** Its part of a new record, before anything exists outside. */
  prepare(id: string, parameters: z.infer<Parameters>, now: number): Promise<OwnPart>;
  /** What an update's parameters set, by attribute path. Without it nothing of its part can be changed. */
  changes?(parameters: z.infer<Parameters>): Readonly<Record<string, unknown>>;
  /** Its part of the response; `include` names fields that are null unless they are asked for. */
  render(destination: D, include: readonly string[]): z.infer<Response> | Promise<z.infer<Response>>;
  /** Makes what it owns outside. Safe to repeat. Throws ApiError with words for the customer. */
  create(destination: D): Promise<D>;
  /** Deletes what it owns outside. Safe to repeat. */
  delete(destination: D): Promise<void>;
}

/** What the customer of a destination type does on his own side. */
export interface SetupType<D extends Destination = Destination> {
  /** `apiUrl` is that of this API's root. */
  setup(destination: D, apiUrl: string): Setup;
}

/** A destination type with its deliveries. */
export interface DeliveringType<D extends Destination = Destination> extends DestinationType<D> {
  /** Attempts a batch; the outcomes are in the order of the requests. Never throws for one request's sake. */
  attempt(requests: readonly AttemptRequest<D>[]): Promise<Outcome[]>;
  /** Told once a batch of each destination at which an attempt failed: its state outside may have changed. */
  afterFailure(destination: D): Promise<void>;
}
