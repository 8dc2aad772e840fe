/** Error codes and the exit status of a command that fails with them. */
export const ERROR_CODES = {
  ERR_TSBOX_USAGE: 125,
  ERR_TSBOX_CONFIG: 125,
  ERR_TSBOX_INVALID_SPEC: 125,
  ERR_TSBOX_NO_SUCH_DRIVER: 125,
  ERR_TSBOX_DRIVER_UNSUPPORTED: 125,
  ERR_TSBOX_NOT_ENFORCEABLE: 125,
  ERR_TSBOX_IMAGE_NOT_FOUND: 125,
  ERR_TSBOX_IMAGE_INVALID: 125,
  ERR_TSBOX_NO_SUCH_USER: 125,
  ERR_TSBOX_NAME_IN_USE: 125,
  ERR_TSBOX_NO_SUCH_CONTAINER: 1,
  ERR_TSBOX_CONTAINER_RUNNING: 1,
  /** It is not in a state for that: not running, paused, being removed. */
  ERR_TSBOX_CONTAINER_STATE: 1,
  ERR_TSBOX_NO_SUCH_NETWORK: 125,
  ERR_TSBOX_NO_SUCH_VOLUME: 1,
  ERR_TSBOX_IN_USE: 1,
  /** cp, export, commit, diff: what was to be read or written inside. */
  ERR_TSBOX_COPY: 1,
  ERR_TSBOX_PORT_IN_USE: 125,
  ERR_TSBOX_ADDRESS_IN_USE: 125,
  ERR_TSBOX_NO_ADDRESS: 125,
  ERR_TSBOX_PLUGIN: 125,
  ERR_TSBOX_STEP_FAILED: 125,
  ERR_TSBOX_OP_FAILED: 125,
  ERR_TSBOX_CANNOT_EXECUTE: 126,
  ERR_TSBOX_COMMAND_NOT_FOUND: 127,
  /** A service of an environment ended, or never answered. */
  ERR_TSBOX_SERVICE_FAILED: 1,
  ERR_TSBOX_STATE: 125,
  ERR_TSBOX_ABORTED: 125,
} as const;

export type ErrorCode = keyof typeof ERROR_CODES;

/** What failed, as data: a diagnosis is made from this and from looks at the host, never from words. */
export interface FailureFacts {
  /** `op` of the child program, `step` of the engine, `command`: its execve, `died`: the child before that, any other `call`. */
  readonly kind: 'op' | 'step' | 'command' | 'died' | 'call';
  readonly plugin?: string;
  readonly hook?: string;
  /** The system call, or the verb of a step. */
  readonly action: string;
  readonly target: string;
  /** Name of the errno. */
  readonly errno?: string;
  /** The file that the kernel named. */
  readonly path?: string;
}

export interface ErrorDetails {
  /** What failed: a noun and a verb, `cannot set the memory limit`. */
  readonly what: string;
  /** Why. */
  readonly why: string;
  /** How to fix it; each is one line, where possible a command. */
  readonly fix?: string | readonly string[];
  readonly cause?: unknown;
  /** Id of an explanation in core/explain: `tsbox explain ID`. */
  readonly diagnosis?: string | undefined;
  readonly facts?: FailureFacts | undefined;
}

/** Every error that tsbox throws on purpose. Exit status follows the phase that failed. */
export class TsboxError extends Error {
  override readonly name = 'TsboxError';
  readonly what: string;
  readonly why: string;
  readonly fixes: readonly string[];
  readonly exitStatus: number;
  /** `tsbox explain ID` says more. */
  readonly diagnosis: string | undefined;
  readonly facts: FailureFacts | undefined;
  /** Failures while undoing; they never replace the first error. */
  undoErrors: readonly Error[] = [];

  constructor(
    readonly code: ErrorCode,
    details: ErrorDetails,
  ) {
    super(`${details.what}: ${details.why}`, details.cause === undefined ? undefined : { cause: details.cause });
    this.what = details.what;
    this.why = details.why;
    this.fixes = [details.fix ?? []].flat();
    this.exitStatus = ERROR_CODES[code];
    this.diagnosis = details.diagnosis;
    this.facts = details.facts;
  }
}
