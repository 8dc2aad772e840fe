import type { UserRange } from '../../plugin/spec.js';
import { badValue, type Found } from '../place.js';
import { digits } from './number.js';

/** Ids are 32 bits and the last one, (uid_t) -1, means "no change" to the kernel: setresuid(2). */
export const LARGEST_ID = 0xffff_fffe;
const NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/;
const LONGEST_NAME = 128;

/** `user[:group]`, checked and as it was: names are looked up in the image later. */
export function parseUser(found: Found<string>): string {
  const [user, group, ...more] = found.value.split(':');
  if (more.length > 0) throw badValue(found, 'it is not user or user:group');
  checkAccount(found, user as string);
  if (group !== undefined) checkAccount(found, group);
  return found.value;
}

export function parseGroup(found: Found<string>): string {
  checkAccount(found, found.value);
  return found.value;
}

/** What looks like a number is a number: never a name, never 0 by accident. */
function checkAccount(found: Found<string>, text: string): void {
  if (text === '') throw badValue(found, 'a name is empty');
  if (/[\s:\0]/.test(text)) throw badValue(found, `${JSON.stringify(text)} is not a name`);
  if (!/^[-+]?\d/.test(text) || /[A-Za-z_]/.test(text)) return;
  const id = digits(text);
  if (id === undefined || id > LARGEST_ID) throw badValue(found, `${text} is not an id from 0 to ${LARGEST_ID}`);
}

/** Name of a container. */
export function parseName(found: Found<string>): string {
  if (!NAME.test(found.value)) throw badValue(found, 'only [a-zA-Z0-9][a-zA-Z0-9_.-]+ is allowed');
  if (found.value.length > LONGEST_NAME) throw badValue(found, `it is longer than ${LONGEST_NAME} characters`);
  return found.value;
}

/** `uid:gid:size`: ids 0 to size-1 inside are uid… and gid… outside. */
export function parseUserRange(found: Found<string>): UserRange {
  const [uid, gid, size, ...more] = found.value.split(':').map(digits);
  if (uid === undefined || gid === undefined || size === undefined || more.length > 0) {
    throw badValue(found, 'it is host, auto or UID:GID:SIZE');
  }
  if (size === 0) throw badValue(found, 'a range of no ids maps nobody');
  if (Math.max(uid, gid) + size - 1 > LARGEST_ID) throw badValue(found, `ids end at ${LARGEST_ID}`);
  return { uid, gid, size };
}
