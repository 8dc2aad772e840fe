import { describe, expect, it } from 'vitest';
import type { Command, Launch, Spec } from '../../../core/plugin/index.js';
import { encode } from '../../../core/program/encode.js';
import type { Memory } from '../../../core/program/memory.js';
import { recordSandbox } from '../../../plugins/sandbox/record.js';
import { line, lines, record, recordedLaunch } from '../../support/recording.js';

const ROOT: Command = { argv: ['true'], env: [], cwd: '/', uid: 0, gid: 0, groups: [] };

function recorded(spec: Partial<Spec> = {}, more: Partial<Launch> = {}) {
  const launch = recordedLaunch(spec, more);
  return record('preExec', (child) => recordSandbox(child, launch));
}

function ops(spec: Partial<Spec> = {}, more: Partial<Launch> = {}) {
  return recorded(spec, more).block('preExec');
}

/** Permitted and effective, as capset(2) gets them. */
function capset(of: ReturnType<typeof ops>): [effective: bigint, permitted: bigint, inheritable: bigint] {
  const [call] = of.filter(({ name }) => name === 'capset');
  if (!call) throw new Error('no capset');
  const { bytes } = call.args[1] as Memory;
  const at = (field: number) =>
    BigInt(bytes.readUInt32LE(4 * field)) | (BigInt(bytes.readUInt32LE(12 + 4 * field)) << 32n);
  return [at(0), at(1), at(2)];
}

describe('the sandbox', () => {
  it('drops rights in the order that the kernel demands', () => {
    const names = ops().map((op) => (op.name === 'prctl' ? `prctl${op.args[0]}` : op.name));
    const order = [
      'setsid',
      'keyctl',
      'umask',
      'prlimit64',
      'prctl24',
      'setgroups',
      'setresgid',
      'setresuid',
      'capset',
      'prctl38',
      'prctl1',
      'close_range',
    ];
    expect(order.map((name) => names.indexOf(name))).not.toContain(-1);
    expect(names.filter((name, index) => order.includes(name) && names.indexOf(name) === index)).toEqual(order);
  });

  it('drops every other capability from the bounding set', () => {
    const dropped = ops()
      .filter(({ name, args }) => name === 'prctl' && args[0] === 24)
      .map(({ args }) => Number(args[1]));
    const kept = dropped.reduce(
      (mask, number) => mask & ~(1n << BigInt(number)),
      (1n << BigInt(Math.max(...dropped) + 1)) - 1n,
    );
    expect(kept).toBe(0xa80425fbn);
  });

  it('gives root the set as permitted and effective, and nothing inheritable', () => {
    expect(capset(ops())).toEqual([0xa80425fbn, 0xa80425fbn, 0n]);
  });

  it('gives an ordinary user none', () => {
    expect(capset(ops({}, { command: { ...ROOT, uid: 1000 } }))).toEqual([0n, 0n, 0n]);
  });

  it('sets all three ids, and the groups', () => {
    const found = lines(ops({}, { command: { ...ROOT, uid: 1000, gid: 1001, groups: [5, 70000] } }));
    expect(found).toEqual(
      expect.arrayContaining(['setgroups 2 <groups 5 70000>', 'setresgid 1001 1001 1001', 'setresuid 1000 1000 1000']),
    );
  });

  it('leaves setgroups out where the user namespace denies it', () => {
    const map = [{ inside: 0, outside: 1000, size: 1 }];
    expect(
      lines(ops({}, { idMaps: { uids: map, gids: map, setgroups: 'deny' } })).filter((text) =>
        text.startsWith('setgroups'),
      ),
    ).toEqual([]);
  });

  it('leaves out groups that the user namespace does not have, and still leaves those of the caller', () => {
    const map = [{ inside: 0, outside: 100_000, size: 10 }];
    const more = { idMaps: { uids: map, gids: map }, command: { ...ROOT, groups: [4, 10] } };
    expect(lines(ops({}, more))).toContain('setgroups 1 <groups 4>');
    expect(lines(ops({}, { idMaps: { uids: map, gids: map } }))).toContain('setgroups 0 null');
  });

  it('sets no_new_privs only when asked', () => {
    const security = { privileged: false, capAdd: [], capDrop: [], noNewPrivileges: false };
    expect(lines(ops({ security }))).not.toContain('prctl 38 1 0 0 0');
    expect(lines(ops())).toContain('prctl 38 1 0 0 0');
  });

  it('enters the working directory through a descriptor, without magic links', () => {
    const found = ops({}, { command: { ...ROOT, cwd: '/proc/self/fd/7' } });
    const open = found.find(({ name }) => name === 'openat2');
    expect(open?.args[1]).toBe('/proc/self/fd/7');
    expect(Buffer.from(open?.args[2] as Uint8Array).readBigUInt64LE(16) & 0x2n).toBe(0x2n);
    expect(lines(found)).toContain('fchdir $at:/proc/self/fd/7');
    expect(lines(ops()).filter((text) => text.startsWith('fchdir'))).toEqual([]);
  });

  it('closes everything but stdio; the control socket closes with the exec', () => {
    const found = lines(ops());
    expect(found.slice(-3)).toEqual(['close_range 5 4294967295 0', 'close 3', 'close_range 4 4 4']);
  });

  it('turns into an init last of all', () => {
    expect(line(ops({ init: true }).at(-1) as never)).toBe('init');
    expect(ops().some(({ kind }) => kind === 'init')).toBe(false);
  });

  it('is a program on both architectures', () => {
    for (const arch of ['x64', 'arm64'] as const)
      expect(encode(recorded({ init: true }), arch).ops.length).toBeGreaterThan(30);
  });
});
