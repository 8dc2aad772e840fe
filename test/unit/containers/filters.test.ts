import { describe, expect, it } from 'vitest';
import { asksForEnded, type ContainerFilters, filterContainers } from '../../../core/containers/filters.js';
import type { ContainerSummary } from '../../../core/containers/summary.js';

function container(id: string, more: Partial<ContainerSummary>): ContainerSummary {
  return {
    id: id.repeat(64),
    name: `box-${id}`,
    image: 'tiny',
    command: ['sh'],
    created: `2026-11-22T03:00:0${id.charCodeAt(0) - 97}.000Z`,
    state: 'exited',
    pid: undefined,
    started: undefined,
    exitCode: 0,
    finished: undefined,
    oomKilled: false,
    restarts: 0,
    error: undefined,
    labels: {},
    networks: ['none'],
    ports: [],
    mounts: [],
    ...more,
  };
}

const ALL = [
  container('c', { name: 'web', state: 'running', exitCode: undefined, labels: { tier: 'front', a: '' } }),
  container('b', {
    state: 'paused',
    image: 'tiny:2',
    labels: { tier: 'back' },
    networks: ['bridge', 'backend'],
    ports: [
      { hostPort: 8080, containerPort: 80, protocol: 'tcp' },
      { hostPort: 5353, containerPort: 53, protocol: 'udp' },
    ],
  }),
  container('a', { exitCode: 137, mounts: [{ source: 'data', target: '/var/data' }], image: 'tiny:latest' }),
];

const names = (filters: ContainerFilters): string =>
  filterContainers(ALL, filters)
    .map(({ name }) => name)
    .join(' ');

describe('filters of containers', () => {
  it.each([
    [{ name: ['we'] }, 'web'],
    [{ name: ['^/web$'] }, 'web'],
    [{ name: ['^box-'] }, 'box-b box-a'],
    [{ name: ['['] }, ''],
    [{ id: ['^aaa'] }, 'box-a'],
    [{ label: ['tier'] }, 'web box-b'],
    [{ label: ['tier=front'] }, 'web'],
    [{ label: ['tier=front', 'a='] }, 'web'],
    [{ label: ['tier=front', 'b'] }, ''],
    [{ status: ['paused', 'exited'] }, 'box-b box-a'],
    [{ exited: ['137'] }, 'box-a'],
    [{ exited: ['0'] }, ''],
    [{ ancestor: ['tiny'] }, 'web box-a'],
    [{ ancestor: ['tiny:2'] }, 'box-b'],
    [{ network: ['backend'] }, 'box-b'],
    [{ volume: ['data'] }, 'box-a'],
    [{ volume: ['/var/data'] }, 'box-a'],
    [{ before: ['web'] }, 'box-b box-a'],
    [{ since: ['aaaa'] }, 'web box-b'],
    [{ publish: ['8080'] }, 'box-b'],
    [{ publish: ['8000-9000/tcp'] }, 'box-b'],
    [{ publish: ['5353'] }, ''],
    [{ expose: ['53/udp'] }, 'box-b'],
    [{ expose: ['8080'] }, ''],
    [{ 'is-task': ['true'] }, ''],
    [{ 'is-task': ['false'] }, 'web box-b box-a'],
    [{ health: ['none'] }, 'web box-b box-a'],
    [{ name: ['box'], status: ['paused'] }, 'box-b'],
  ] as [ContainerFilters, string][])('%j: %s', (filters, expected) => expect(names(filters)).toBe(expected));

  it.each([
    [{ status: ['gone'] }, 'it is none of created,'],
    [{ exited: ['x'] }, 'it is no exit status'],
    [{ before: ['nosuch'] }, 'there is no container'],
    [{ since: [''] }, 'there is no container'],
    [{ publish: ['x'] }, 'it is not like 80'],
  ] as [ContainerFilters, string][])('%j is refused', (filters, message) =>
    expect(() => names(filters)).toThrow(message),
  );

  it('ask for those that have ended', () => {
    expect(asksForEnded({ exited: ['1'] })).toBe(true);
    expect(asksForEnded({ status: ['running'] })).toBe(true);
    expect(asksForEnded({ name: ['x'] })).toBe(false);
  });
});
