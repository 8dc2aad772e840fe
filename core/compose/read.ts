import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { yamlFinder } from '../config/positions/yaml.js';
import { type Caller, trustedFile } from '../config/trust.js';
import { TsboxError } from '../plugin/error.js';
import { parseEnvFile } from './env-file.js';
import { InterpolationError, interpolate, type Variables } from './interpolate.js';
import { Node } from './node.js';

export const COMPOSE_FILES = ['compose.yaml', 'compose.yml', 'docker-compose.yaml', 'docker-compose.yml'];

/** The compose file of a directory. */
export function findComposeFile(directory: string): string | undefined {
  return COMPOSE_FILES.map((name) => join(directory, name)).find((file) => existsSync(file));
}

export interface ReadRequest {
  readonly caller: Caller;
  readonly variables: Variables;
  readonly onWarning: (message: string) => void;
}

/** The caller's variables, and before them those of `.env` beside the file. */
export function variablesFor(file: string, environment: Variables): Variables {
  const path = join(dirname(file), '.env');
  if (!existsSync(path)) return environment;
  return { ...readVariables(path, environment), ...environment };
}

/** @throws TsboxError naming the file */
export function readVariables(path: string, caller: Variables): Record<string, string> {
  try {
    return parseEnvFile(readFileSync(path, 'utf8'), caller);
  } catch (error) {
    throw unreadable(path, error, 'correct it');
  }
}

/** Reads a file, and puts the variables in. It says what is mounted and with which rights, so it is trusted like code. */
export async function readComposeFile(path: string, request: ReadRequest): Promise<Node> {
  const file = resolve(path);
  const { parseDocument } = await import('yaml');
  let text: string;
  try {
    text = readFileSync(trustedFile(file, 'the compose file', request.caller), 'utf8');
  } catch (error) {
    throw error instanceof TsboxError ? error : unreadable(file, error, 'name another one with -f');
  }
  const document = parseDocument(text, { merge: true });
  const [failure] = document.errors;
  if (failure)
    throw unreadable(file, new Error(failure.message.split('\n')[0]), `look at line ${failure.linePos?.[0].line ?? 1}`);
  const source = { file, finder: await yamlFinder(text) };
  return filled(Node.of(source, document.toJS({ maxAliasCount: 10_000 }) ?? {}), request);
}

function filled(node: Node, request: ReadRequest): Node {
  const { content } = node;
  if (content instanceof Map)
    return node.with(new Map([...content].map(([key, child]) => [key, filled(child as Node, request)])));
  if (Array.isArray(content)) return node.with(content.map((child: Node) => filled(child, request)));
  if (typeof content !== 'string' || !content.includes('$')) return node;
  const onUnset = (name: string) =>
    request.onWarning(`${node.origin.text}: the variable ${name} is not set, and stands for an empty text`);
  try {
    return node.with(interpolate(content, request.variables, onUnset));
  } catch (error) {
    if (!(error instanceof InterpolationError)) throw error;
    throw node.bad(error.message, 'set it, or add it to .env');
  }
}

function unreadable(file: string, error: unknown, fix: string): TsboxError {
  const why = error instanceof Error ? error.message : String(error);
  return new TsboxError('ERR_TSBOX_CONFIG', { what: `cannot read ${file}`, why, fix, cause: error });
}
