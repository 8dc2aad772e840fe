import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { badValue, type Found } from '../place.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** `K=V` as it is; `K` alone is copied from the caller, and nothing where the caller has none. */
export function parseVariable(found: Found<string>, caller: Environment): string[] {
  const { value } = found;
  const equals = value.indexOf('=');
  const name = equals < 0 ? value : value.slice(0, equals);
  if (name === '') throw badValue(found, 'a variable has a name');
  if (value.includes('\0')) throw badValue(found, 'a variable has no NUL byte');
  if (equals >= 0) return [value];
  const copied = caller[name];
  return copied === undefined ? [] : [`${name}=${copied}`];
}

/** A file of variables, docker's format: a line is `K=V` or `K`, nothing is quoted, `#` starts a comment line. */
export function readEnvFile(found: Found<string>, caller: Environment): string[] {
  const lines = readText(found)
    .replace(/^\uFEFF/, '')
    .split('\n');
  return lines.flatMap((line, index) => readLine(found, line.replace(/\r$/, '').trimStart(), index + 1, caller));
}

function readLine(found: Found<string>, line: string, number: number, caller: Environment): string[] {
  if (line === '' || line.startsWith('#')) return [];
  const name = line.split('=', 1)[0] as string;
  if (name === '') throw badValue(found, `line ${number} has no variable name`, 'write KEY=value');
  if (/\s/.test(name))
    throw badValue(found, `line ${number}: the name ${JSON.stringify(name)} has white space`, 'write KEY=value');
  return parseVariable({ ...found, value: line }, caller);
}

function readText(found: Found<string>): string {
  const path = resolve(found.place.directory, found.value);
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(readFileSync(path));
  } catch (error) {
    const why = error instanceof TypeError && !('syscall' in error) ? 'it is not UTF-8 text' : (error as Error).message;
    throw badValue(found, why, 'name a readable text file with lines KEY=value');
  }
}
