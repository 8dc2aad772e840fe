import { posix } from 'node:path';
import type { ImageRecord } from '../image/image-record.js';
import { TsboxError } from '../plugin/error.js';
import type { ContainerDetails } from '../state/record.js';

/** The part of an image's record that a commit decides. */
export type CommittedConfig = Pick<ImageRecord, 'config' | 'labels' | 'exposedPorts'>;

interface Draft {
  entrypoint: readonly string[];
  cmd: readonly string[];
  env: readonly string[];
  workdir: string;
  user: string;
  labels: Readonly<Record<string, string>>;
  exposedPorts: readonly string[];
}

/** Instructions of a Dockerfile, as far as they say how a container runs. */
const INSTRUCTIONS: Readonly<Record<string, (draft: Draft, value: string) => void>> = {
  CMD: (draft, value) => {
    draft.cmd = commandOf(value);
  },
  ENTRYPOINT: (draft, value) => {
    draft.entrypoint = commandOf(value);
  },
  ENV: (draft, value) => {
    draft.env = pairsOf(value).reduce(withVariable, draft.env);
  },
  EXPOSE: (draft, value) => {
    const ports = value.split(/\s+/).map((port) => (port.includes('/') ? port : `${port}/tcp`));
    if (!ports.every((port) => /^\d{1,5}(-\d{1,5})?\/(tcp|udp|sctp)$/.test(port))) throw new Error('it is no port');
    draft.exposedPorts = [...new Set([...draft.exposedPorts, ...ports])];
  },
  LABEL: (draft, value) => {
    draft.labels = { ...draft.labels, ...Object.fromEntries(pairsOf(value)) };
  },
  USER: (draft, value) => {
    draft.user = value;
  },
  WORKDIR: (draft, value) => {
    draft.workdir = posix.resolve('/', draft.workdir, value);
  },
};

/**
 * How containers of a committed image run: as the container did, with `--change` on top.
 * @param changes `CMD ["a"]`, `ENV K=V` …
 * @throws TsboxError ERR_TSBOX_USAGE
 */
export function committedConfig({ spec, image }: ContainerDetails, changes: readonly string[]): CommittedConfig {
  const { config } = image;
  const replaced = spec.entrypoint !== undefined;
  const draft: Draft = {
    entrypoint: spec.entrypoint ?? config.entrypoint,
    cmd: spec.command.length > 0 || replaced ? spec.command : config.cmd,
    env: spec.env.map(splitPair).reduce(withVariable, config.env),
    workdir: spec.workdir ?? config.workdir,
    user: spec.user ?? config.user,
    labels: spec.labels,
    exposedPorts: [],
  };
  for (const change of changes) apply(draft, change);
  const { labels, exposedPorts, entrypoint, cmd, env, workdir, user } = draft;
  return {
    config: { entrypoint, cmd, env, workdir, user },
    ...(Object.keys(labels).length > 0 && { labels }),
    ...(exposedPorts.length > 0 && { exposedPorts }),
  };
}

function apply(draft: Draft, change: string): void {
  const [, name = '', value = ''] = /^\s*(\S+)\s+([\s\S]*?)\s*$/.exec(change) ?? [];
  const instruction = INSTRUCTIONS[name.toUpperCase()];
  if (!instruction || value === '') {
    const known = Object.keys(INSTRUCTIONS).join(', ');
    throw badChange(change, instruction ? 'it has no value' : `there is no such instruction; there are ${known}`);
  }
  try {
    instruction(draft, value);
  } catch (error) {
    throw badChange(change, error instanceof Error ? error.message : String(error));
  }
}

/** A JSON list is the command itself; anything else is a line for the shell. */
function commandOf(value: string): string[] {
  if (!value.startsWith('[')) return ['/bin/sh', '-c', value];
  const list: unknown = JSON.parse(value);
  if (Array.isArray(list) && list.every((item) => typeof item === 'string')) return list;
  throw new Error('it is no list of strings');
}

/** `K=V K2="a b"`, or `K V`. */
function pairsOf(value: string): [string, string][] {
  const [first = ''] = value.split(/\s/, 1);
  if (!first.includes('=')) return [[first, value.slice(first.length).trim()]];
  const words = value.match(/(?:[^\s"']|"(?:[^"\\]|\\.)*"|'[^']*')+/g) ?? [];
  return words.map((word) => splitPair(unquoted(word)));
}

function splitPair(pair: string): [string, string] {
  const equals = pair.indexOf('=');
  if (equals < 1) throw new Error(`${JSON.stringify(pair)} is not of the form NAME=VALUE`);
  return [pair.slice(0, equals), pair.slice(equals + 1)];
}

function unquoted(word: string): string {
  return word.replace(/"((?:[^"\\]|\\.)*)"|'([^']*)'/g, (_, double?: string, single?: string) =>
    double === undefined ? (single ?? '') : double.replace(/\\(.)/g, '$1'),
  );
}

function withVariable(env: readonly string[], [name, value]: readonly [string, string]): readonly string[] {
  return [...env.filter((pair) => !pair.startsWith(`${name}=`)), `${name}=${value}`];
}

function badChange(change: string, why: string): TsboxError {
  return new TsboxError('ERR_TSBOX_USAGE', {
    what: `cannot use --change ${JSON.stringify(change)}`,
    why,
    fix: `--change 'CMD ["nginx", "-g", "daemon off;"]' or --change 'ENV DEBUG=1'`,
  });
}
