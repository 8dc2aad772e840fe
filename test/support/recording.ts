import { LibcGate } from '../../core/kernel/libc-gate.js';
import type { Launch, NamespaceName, Spec } from '../../core/plugin/index.js';
import { ChildProgram } from '../../core/program/child-program.js';
import { Memory } from '../../core/program/memory.js';
import type { Op } from '../../core/program/op.js';
import { Program } from '../../core/program/program.js';

export const gate = new LibcGate();

const SPEC = {
  drivers: { storage: 'overlay', network: 'none', resources: 'none', userns: 'host' },
  namespaces: { uts: 'private', ipc: 'private', pid: 'private', cgroup: 'private', time: 'host' },
  network: { ports: [], dns: [], dnsSearch: [], dnsOptions: [], addHosts: [] },
  resources: { devices: [] },
  security: { privileged: false, capAdd: [], capDrop: [], noNewPrivileges: true },
  groups: [],
  mounts: [],
  rlimits: [],
  shmSize: 64 << 20,
  tty: false,
  init: false,
  readOnly: false,
} as const;

export const NO_NETWORKS = { attachments: [], others: [], exists: () => true };

/** As much of a launch as the hook plugins use while they record. */
export function recordedLaunch(spec: Partial<Spec> = {}, more: Partial<Launch> = {}): Launch {
  const warnings: string[] = [];
  return {
    id: 'ab'.repeat(32),
    shortId: 'ab'.repeat(6),
    name: 'calm_otter',
    hostname: 'ab'.repeat(6),
    spec: { ...SPEC, ...spec },
    command: { argv: ['true'], env: [], cwd: '/', uid: 0, gid: 0, groups: [] },
    host: { uid: 0, gid: 0, privileged: true, kernel: [6, 18] },
    gate,
    paths: { root: '/r', runroot: '/rr', container: '/r/containers/abab' },
    namespaces: new Set<NamespaceName>(['mount', 'uts', 'ipc', 'pid', 'net', 'cgroup']),
    network: { address: undefined, nameservers: undefined, chosen: NO_NETWORKS },
    rootfs: '/r/containers/abab/merged',
    volumes: new Map<string, string>(),
    idMaps: undefined,
    warn: (message: string) => warnings.push(message),
    warnings,
    ...more,
  } as unknown as Launch;
}

/** Records with a rootfs that storage has already given. */
export function record(hook: 'childSetup' | 'preExec', handler: (child: ChildProgram) => void): Program {
  const program = new Program();
  const child = new ChildProgram({ program, arch: 'x64', procMountable: true }, { plugin: 'test', hook });
  child.rootfs(child.openTree('/image'));
  handler(child);
  return program;
}

/** An op as one line: `mkdirat $mount:tmpfs pts 493`. */
export function line(op: Op): string {
  return [op.name, ...op.args.map((arg) => (arg instanceof Memory ? arg.toString() : String(arg)))].join(' ');
}

export function lines(ops: readonly Op[]): string[] {
  return ops.map(line);
}
