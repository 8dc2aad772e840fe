import { describe, expect, it } from 'vitest';
import { KeptPrograms, type ProgramCircumstances } from '../../../core/engine/kept-programs.js';
import type { LaunchState } from '../../../core/engine/launch-state.js';
import type { EncodedProgram } from '../../../core/program/encode.js';
import { recordedLaunch } from '../../support/recording.js';

const idOf = (digit: number) => digit.toString(16).repeat(64);
const circumstances: ProgramCircumstances = { barrier: 'quiet', nullFds: [], recordKey: 'key' };

/** A launch of a container whose id is one digit, many times. */
function launch(digit: number, more: object = {}, spec: object = {}): LaunchState {
  const id = idOf(digit);
  const base = recordedLaunch();
  return {
    ...base,
    id,
    hostname: id.slice(0, 12),
    spec: { ...base.spec, name: `name-${digit}`, env: [], ...spec },
    command: { ...base.command, env: [`HOSTNAME=${id.slice(0, 12)}`] },
    image: { reference: 'box', layers: ['/image'], host: false },
    drivers: { storage: { name: 'overlay' }, network: { name: 'none' } },
    cgroup: `/sys/fs/cgroup/tsbox/${id}`,
    rootfs: `/r/containers/${id}/merged`,
    again: false,
    journal: {},
    observer: undefined,
    ...more,
  } as unknown as LaunchState;
}

/** With its first launch behind it. */
function kept(): KeptPrograms {
  const programs = new KeptPrograms();
  programs.keyOf(launch(0), circumstances);
  return programs;
}

function program(text: string): EncodedProgram {
  return { bytes: Buffer.from(text), ops: [], op: () => undefined, timesOffset: 0, outcomesOffset: 0, variables: [] };
}

describe('under what a program is kept', () => {
  it('the first launch of an engine has no key, the second has', () => {
    const programs = new KeptPrograms();
    expect(programs.keyOf(launch(1), circumstances)).toBeUndefined();
    expect(programs.keyOf(launch(2), circumstances)).toBeTypeOf('string');
  });

  it('is the same for launches that differ by id, name and what comes of them', () => {
    const programs = kept();
    expect(programs.keyOf(launch(1), circumstances)).toBe(programs.keyOf(launch(2), circumstances));
  });

  const { command, spec } = launch(2);
  it.each<[string, object, object?]>([
    ['argv', { command: { ...command, argv: ['false'] } }],
    ['environment', { command: { ...command, env: ['A=1'] } }],
    ['working directory', { command: { ...command, cwd: '/tmp' } }],
    ['user', { command: { ...command, uid: 1 } }],
    ['groups', { command: { ...command, groups: [10] } }],
    ['host name', { hostname: 'web' }],
    ['namespaces', { namespaces: new Set(['mount']) }],
    ['id maps', { idMaps: { uids: [{ inside: 0, outside: 1, size: 1 }], gids: [] } }],
    ['cgroup', { cgroup: `/sys/fs/cgroup/other/${idOf(2)}` }],
    ['no cgroup', { cgroup: undefined }],
    ['rootfs', { rootfs: `/r/containers/${idOf(2)}/view` }],
    ['layers', { image: { reference: 'box', layers: ['/image', '/more'] } }],
    ['the image of the host', { image: { reference: 'host', layers: [], host: true } }],
    ['a driver', { drivers: { storage: { name: 'copy' }, network: { name: 'none' } } }],
    ['a container that starts again', { again: true }],
    ['a network that is joined', { network: { chosen: { peer: { directory: '/r/containers/x' } } } }],
    ['the spec', {}, { ...spec, name: 'name-2', readOnly: true }],
  ])('is another with another %s', (_, more, asked) => {
    const programs = kept();
    const usual = programs.keyOf(launch(1), circumstances);
    const other = programs.keyOf(launch(2, more, asked), circumstances);
    expect(other).toBeTypeOf('string');
    expect(other).not.toBe(usual);
  });

  it.each<[keyof ProgramCircumstances, ProgramCircumstances]>([
    ['barrier', { ...circumstances, barrier: 'late' }],
    ['nullFds', { ...circumstances, nullFds: [0] }],
    ['recordKey', { ...circumstances, recordKey: 'another' }],
  ])('is another with another %s', (_, other) => {
    const programs = kept();
    expect(programs.keyOf(launch(1), other)).not.toBe(programs.keyOf(launch(1), circumstances));
  });

  it('is nothing where a plugin does not say, somebody looks on, or it is a plan', () => {
    const programs = kept();
    expect(programs.keyOf(launch(1), { ...circumstances, recordKey: undefined })).toBeUndefined();
    expect(programs.keyOf(launch(1, { observer: {} }), circumstances)).toBeUndefined();
    expect(programs.keyOf(launch(1, { journal: undefined }), circumstances)).toBeUndefined();
    expect(programs.keyOf(launch(1), circumstances)).toBeTypeOf('string');
  });
});

describe('the programs that are kept', () => {
  it('are found under their key, with the id of who asks', () => {
    const programs = new KeptPrograms();
    expect(programs.find('key', idOf(2))).toBeUndefined();
    programs.keep('key', program(`/r/${idOf(1)}/x`), idOf(1));
    expect(String(programs.find('key', idOf(2))?.bytes)).toBe(`/r/${idOf(2)}/x`);
    expect(programs.find('another', idOf(2))).toBeUndefined();
  });

  it('are sixteen; who was not asked for the longest goes', () => {
    const programs = new KeptPrograms();
    for (let i = 0; i < 16; i++) programs.keep(`key ${i}`, program(`${i}`), idOf(1));
    expect(programs.find('key 0', idOf(2))).toBeDefined();
    programs.keep('key 16', program('16'), idOf(1));
    expect(programs.find('key 1', idOf(2))).toBeUndefined();
    const there = Array.from({ length: 17 }, (_, i) => i).filter((i) => programs.find(`key ${i}`, idOf(2)));
    expect(there).toEqual([0, ...Array.from({ length: 15 }, (_, i) => i + 2)]);
  });

  it('are replaced under their own key, and nothing else goes for that', () => {
    const programs = new KeptPrograms();
    for (let i = 0; i < 16; i++) programs.keep(`key ${i}`, program(`${i}`), idOf(1));
    programs.keep('key 3', program('new'), idOf(1));
    expect(String(programs.find('key 3', idOf(2))?.bytes)).toBe('new');
    expect(programs.find('key 0', idOf(2))).toBeDefined();
  });
});
