import { constants } from 'node:os';

/** Errno names that node:os leaves out but Linux returns on the paths used here. */
const LINUX_ONLY = {
  EUCLEAN: 117,
  ENOTNAM: 118,
  EREMOTEIO: 121,
  EDQUOT: 122,
  ENOMEDIUM: 123,
  EMEDIUMTYPE: 124,
  ECANCELED: 125,
  ENOKEY: 126,
  EKEYEXPIRED: 127,
  EKEYREVOKED: 128,
  EKEYREJECTED: 129,
  ENODATA: 61,
  ERESTART: 85,
  ESTALE: 116,
  ELOOP: 40,
  EUSERS: 87,
} as const;

export const ERRNO: Readonly<Record<string, number>> = { ...constants.errno, ...LINUX_ONLY };

const NAMES = new Map<number, string>();
for (const [name, number] of Object.entries(ERRNO)) {
  // EAGAIN and EOPNOTSUPP have aliases; the first spelling is the one man pages use.
  if (name !== 'EWOULDBLOCK' && name !== 'ENOTSUP') NAMES.set(number, name);
}

/** The errno(3) name of a number, or `errno 4711` for one that Linux does not know. */
export function errnoName(errno: number): string {
  return NAMES.get(errno) ?? `errno ${errno}`;
}

/** The number of an errno(3) name. @throws RangeError for a name that does not exist. */
export function errnoNumber(name: string): number {
  const number = ERRNO[name];
  if (number === undefined) throw new RangeError(`no such errno: ${name}`);
  return number;
}
