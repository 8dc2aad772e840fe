/** What `up` and `down` tell while they work: one line of the command line each. */
export interface ServiceEvent {
  readonly service: string;
  readonly what:
    | 'unchanged'
    | 'done before'
    | 'created'
    | 'started'
    | 'recreated'
    | 'waiting'
    | 'ready'
    | 'completed'
    | 'stopped'
    | 'removed'
    | 'left over';
  /** What it waits for, what has changed. */
  readonly detail?: string;
  /** Of the container. */
  readonly id?: string;
}

export type OnEvent = (event: ServiceEvent) => void;
