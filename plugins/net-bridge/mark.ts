import { createHash } from 'node:crypto';

/**
 * What a bridge of ours has as its alias (`ip link` shows it): whose it is, and whether forwarding has
 * to be switched off again when it goes. It lives as long as the bridge, so it needs no file, and
 * processes with another runroot can read it.
 */
export interface Mark {
  readonly owner: string;
  /** Links that forwarded before we switched it on; undefined: we did not. */
  readonly forwardedBefore: readonly string[] | undefined;
}

const PREFIX = 'tsbox ';
/** IFALIASZ less its end. */
const LONGEST = 250;

/** Every launch asks several times. */
const owners = new Map<string, string>();

/** Short for a runroot: two runroots on one host have bridges of their own. */
export function ownerOf(runroot: string): string {
  let owner = owners.get(runroot);
  if (owner === undefined) {
    owner = createHash('sha256').update(runroot).digest('hex').slice(0, 12);
    owners.set(runroot, owner);
  }
  return owner;
}

export function writeMark({ owner, forwardedBefore }: Mark): string {
  const alias = `${PREFIX}${owner}`;
  if (!forwardedBefore) return alias;
  const full = `${alias} forwarding ${forwardedBefore.join(',')}`;
  // Names that do not fit are forgotten: those links stop to forward as well when we go.
  return full.length <= LONGEST ? full.trimEnd() : `${alias} forwarding`;
}

/** Undefined if it is not an alias of ours. */
export function readMark(alias: string | undefined): Mark | undefined {
  if (!alias?.startsWith(PREFIX)) return undefined;
  const [owner = '', forwarding, names] = alias.slice(PREFIX.length).split(' ');
  return { owner, forwardedBefore: forwarding === 'forwarding' ? (names?.split(',') ?? []) : undefined };
}
