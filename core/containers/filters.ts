import { TsboxError } from '../plugin/error.js';
import { type ContainerSummary, isUp } from './summary.js';

/** What a list of containers can be filtered by. */
export const CONTAINER_FILTERS = [
  'ancestor',
  'before',
  'exited',
  'expose',
  'health',
  'id',
  'is-task',
  'label',
  'name',
  'network',
  'publish',
  'since',
  'status',
  'volume',
] as const;
export type ContainerFilter = (typeof CONTAINER_FILTERS)[number];

/** Values by key: a container fits when it fits one value of each key, and all labels. */
export type ContainerFilters = { readonly [Key in ContainerFilter]?: readonly string[] };

type Test = (container: ContainerSummary) => boolean;

const STATES = ['created', 'creating', 'restarting', 'running', 'removing', 'paused', 'exited', 'dead'];

/** Whether the filters ask about containers that have ended, which then are listed without `--all` too. */
export function asksForEnded(filters: ContainerFilters): boolean {
  return filters.status !== undefined || filters.exited !== undefined;
}

/**
 * Those that fit, in the order they had.
 * @param containers all there are: `before` and `since` name one of them
 * @throws TsboxError ERR_TSBOX_USAGE on a value that makes no sense
 */
export function filterContainers(
  containers: readonly ContainerSummary[],
  filters: ContainerFilters,
): ContainerSummary[] {
  const tests = Object.entries(filters).map(([key, values]) => {
    const some = values.map((value: string) => testOf(key as ContainerFilter, value, containers));
    return (container: ContainerSummary) =>
      key === 'label' ? some.every((test) => test(container)) : some.some((test) => test(container));
  });
  return containers.filter((container) => tests.every((test) => test(container)));
}

function testOf(key: ContainerFilter, value: string, all: readonly ContainerSummary[]): Test {
  switch (key) {
    case 'id':
      return matching(value, ({ id }) => [id]);
    case 'name':
      // docker's names begin with a slash, and scripts filter by `^/web$`.
      return matching(value, ({ name }) => [name, `/${name}`]);
    case 'label':
      return labelTest(value);
    case 'status':
      oneOf(key, value, STATES);
      return ({ state }) => state === value;
    case 'exited':
      return exitedTest(value);
    case 'health':
      oneOf(key, value, ['none', 'starting', 'healthy', 'unhealthy']);
      // There are no health checks.
      return () => value === 'none';
    case 'is-task':
      oneOf(key, value, ['true', 'false', '1', '0']);
      return () => value === 'false' || value === '0';
    case 'ancestor':
      return ({ image }) => withTag(image) === withTag(value);
    case 'network':
      return ({ networks }) => networks.includes(value);
    case 'volume':
      return ({ mounts }) => mounts.some(({ source, target }) => source === value || target === value);
    case 'before':
      return (
        (limit) => (container: ContainerSummary) =>
          container.created < limit
      )(createdOf(key, value, all));
    case 'since':
      return (
        (limit) => (container: ContainerSummary) =>
          container.created > limit
      )(createdOf(key, value, all));
    case 'publish':
    case 'expose':
      return portTest(key, value);
  }
}

/** As docker has it: the text itself, or a regular expression that is found in it. */
function matching(value: string, texts: (container: ContainerSummary) => string[]): Test {
  let pattern: RegExp | undefined;
  try {
    pattern = new RegExp(value);
  } catch {
    // A name with a bracket in it is no pattern, and no name either: nothing fits.
  }
  return (container) => texts(container).some((text) => text === value || pattern?.test(text));
}

export function labelTest(value: string): (container: Pick<ContainerSummary, 'labels'>) => boolean {
  const at = value.indexOf('=');
  if (at < 0) return ({ labels }) => Object.hasOwn(labels, value);
  return ({ labels }) => labels[value.slice(0, at)] === value.slice(at + 1);
}

function exitedTest(value: string): Test {
  if (!/^\d+$/.test(value)) throw badValue('exited', value, 'it is no exit status');
  return ({ state, exitCode }) => !isUp(state) && exitCode === Number(value);
}

/** `tiny` is `tiny:latest`. A colon before a slash is a registry's port. */
function withTag(image: string): string {
  const name = image.slice(image.lastIndexOf('/') + 1);
  return name.includes(':') || name.includes('@') ? image : `${image}:latest`;
}

function createdOf(key: 'before' | 'since', reference: string, all: readonly ContainerSummary[]): string {
  const found = all.find(({ name }) => name === reference) ?? all.find(({ id }) => id.startsWith(reference));
  if (found && reference !== '') return found.created;
  throw badValue(key, reference, 'there is no container of that name or id');
}

/** `80`, `80/udp`, `80-90/tcp`: of the host for `publish`, of the container for `expose`. */
function portTest(key: 'publish' | 'expose', value: string): Test {
  const [, from, to = from, protocol] = /^(\d+)(?:-(\d+))?(?:\/(tcp|udp))?$/.exec(value) ?? [];
  if (from === undefined) throw badValue(key, value, 'it is not like 80, 80/tcp or 80-90/tcp');
  return ({ ports }) =>
    ports.some((port) => {
      const number = key === 'publish' ? port.hostPort : port.containerPort;
      if (number === undefined || (protocol ?? 'tcp') !== port.protocol) return false;
      return number >= Number(from) && number <= Number(to);
    });
}

function oneOf(key: ContainerFilter, value: string, known: readonly string[]): void {
  if (!known.includes(value)) throw badValue(key, value, `it is none of ${known.join(', ')}`);
}

function badValue(key: ContainerFilter, value: string, why: string): TsboxError {
  return new TsboxError('ERR_TSBOX_USAGE', { what: `cannot filter by ${key}=${value}`, why });
}
