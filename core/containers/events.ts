import type { StatePaths } from '../plugin/tokens.js';
import type { EngineEvent } from '../state/events.js';
import { followEvents, readEvents } from '../state/read-events.js';
import { labelTest } from './filters.js';

/** What a stream of events can be filtered by. */
export const EVENT_FILTERS = ['container', 'event', 'image', 'label', 'network', 'type', 'volume'] as const;
export type EventFilter = (typeof EVENT_FILTERS)[number];

export interface EventsOptions {
  /** Nanoseconds since 1970. What happened from then on comes first; without it only what happens from now on. */
  readonly since?: bigint;
  /** The stream ends then; when that is past already, with what is there. */
  readonly until?: bigint;
  /** An event fits when it fits one value of each key, and all labels. */
  readonly filters?: { readonly [Key in EventFilter]?: readonly string[] };
  readonly signal?: AbortSignal;
}

/** What happens to containers, networks, volumes and images, in the order in which it was told. */
export async function* eventsOf(
  { runroot }: Pick<StatePaths, 'runroot'>,
  options: EventsOptions = {},
): AsyncGenerator<EngineEvent> {
  const { since, until, filters = {} } = options;
  const fits = (event: EngineEvent): boolean =>
    (since === undefined || event.timeNano >= since) &&
    (until === undefined || event.timeNano <= until) &&
    fitsFilters(event, filters);
  const left = until === undefined ? undefined : Number(until / 1_000_000n) - Date.now();
  if (left !== undefined && left <= 0) {
    if (since !== undefined) yield* readEvents(runroot).filter(fits);
    return;
  }
  const over = new AbortController();
  const timer = left === undefined ? undefined : setTimeout(() => over.abort(), Math.min(left, LONGEST_TIMER));
  const signal = options.signal ? AbortSignal.any([options.signal, over.signal]) : over.signal;
  try {
    for await (const event of followEvents(runroot, signal, since !== undefined)) if (fits(event)) yield event;
  } finally {
    clearTimeout(timer);
  }
}

/** setTimeout(3) takes no more: 24 days. */
const LONGEST_TIMER = 2 ** 31 - 1;

function fitsFilters(event: EngineEvent, filters: NonNullable<EventsOptions['filters']>): boolean {
  return Object.entries(filters).every(([key, values]) => {
    const test = (value: string): boolean => fitsOne(event, key as EventFilter, value);
    return key === 'label' ? values.every(test) : values.some(test);
  });
}

function fitsOne({ type, action, id, attributes }: EngineEvent, key: EventFilter, value: string): boolean {
  switch (key) {
    case 'type':
      return type === value;
    case 'event':
      // `exec_create` fits `exec_create: sh -c true`.
      return action === value || action.startsWith(`${value}:`);
    case 'label':
      return labelTest(value)({ labels: attributes });
    case 'image':
      return type === 'image' ? isNamed(id, attributes, value) : attributes.image === value;
    default:
      return (type === key && isNamed(id, attributes, value)) || attributes[key] === value;
  }
}

function isNamed(id: string, attributes: EngineEvent['attributes'], value: string): boolean {
  return attributes.name === value || (value !== '' && id.startsWith(value));
}
