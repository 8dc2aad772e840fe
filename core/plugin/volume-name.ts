/** At least two characters, as docker wants it, and at most what a file name can have. */
const VALID = /^[a-zA-Z0-9][a-zA-Z0-9_.-]{1,254}$/;

export function isVolumeName(name: string): boolean {
  return VALID.test(name);
}
