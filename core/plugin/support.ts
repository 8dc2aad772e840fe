/** Whether a driver can work here; `reason` and `fix` are shown to the user as they are. */
export type Support =
  | { readonly works: true; readonly note?: string }
  | { readonly works: false; readonly reason: string; readonly fix: string };

export const WORKS: Support = { works: true };

export function unsupported(reason: string, fix: string): Support {
  return { works: false, reason, fix };
}
