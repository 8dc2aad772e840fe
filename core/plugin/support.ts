/** Whether a driver can work here; `reason` and `fix` are shown to the user as they are. */
export type Support =
  | { readonly works: true; readonly note?: string }
  | { readonly works: false; readonly reason: string; readonly fix: string; readonly diagnosis?: string };

/** One thing that a driver needs of the host, for `tsbox doctor`. */
export interface Precondition {
  /** A noun: `overlay in the kernel`. */
  readonly name: string;
  /** False: it is missing. `warn`: the driver works without it, but not as well. */
  readonly ok: boolean | 'warn';
  /** What was found. */
  readonly detail: string;
  /** What mends it, where possible a command. */
  readonly fix?: string;
  /** Id of an explanation: `tsbox explain ID`. */
  readonly diagnosis?: string;
}

export const WORKS: Support = { works: true };

/** @param diagnosis id of an explanation: `tsbox explain ID` */
export function unsupported(reason: string, fix: string, diagnosis?: string): Support {
  return { works: false, reason, fix, ...(diagnosis !== undefined && { diagnosis }) };
}
