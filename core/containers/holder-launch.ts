import { join } from 'node:path';
import type { Engine } from '../engine/index.js';
import { restoreImage } from '../image/restore.js';
import type { Gate } from '../kernel/gate.js';
import type { Host } from '../kernel/host.js';
import type { ResolvedImage } from '../plugin/image.js';
import type { IdMaps, JsonObject, Launch, LaunchNetwork, LaunchPaths, NamespaceName, Step } from '../plugin/launch.js';
import type { Spec } from '../plugin/spec.js';
import type { ContainerState } from '../state/containers.js';
import type { ContainerDetails } from '../state/record.js';
import { mapsOf } from './ids.js';

/**
 * As much of a launch as it takes to mount the file system of a container that does not run. Drivers are asked
 * as for a plan: nothing is made, for everything is there.
 */
export class HolderLaunch implements Launch {
  readonly id: string;
  readonly shortId: string;
  readonly name: string;
  readonly again = true;
  readonly entering = undefined;
  readonly detached = false;
  readonly mayDefer = false;
  readonly spec: Spec;
  readonly image: ResolvedImage;
  readonly command = { argv: [], env: [], cwd: '/', uid: 0, gid: 0, groups: [] };
  readonly gate: Gate;
  readonly host: Host;
  readonly paths: LaunchPaths;
  readonly hostname: string;
  readonly namespaces = new Set<NamespaceName>(['mount']);
  readonly trees = new Set<string>();
  readonly volumes = new Map<string, string>();
  readonly facts: Record<string, JsonObject> = {};
  readonly network: LaunchNetwork = {
    chosen: { attachments: [], others: [], exists: () => false },
    address: undefined,
    nameservers: undefined,
  };
  idMaps: IdMaps | undefined;
  cgroup: string | undefined;
  rootfs: string | undefined;
  /** Steps are done: the child waits for its maps. */
  planning = true;
  pid = 0;

  constructor(engine: Engine, { record, directory }: ContainerState, details: ContainerDetails) {
    const { gate, host, paths } = engine;
    this.id = record.id;
    this.shortId = record.id.slice(0, 12);
    this.name = record.name;
    this.spec = details.spec;
    this.image = restoreImage(gate, details.image);
    this.gate = gate;
    this.host = host;
    this.paths = { ...paths, container: directory };
    this.hostname = details.hostname;
    const maps = mapsOf(details);
    if (!maps || !host.privileged) return;
    // Root's containers have on disk the ids that they have inside: root needs no namespace to write them.
    this.idMaps = { ...maps, idmapped: true };
    this.namespaces.add('user');
  }

  async step<T>(step: Step<T>): Promise<T> {
    return this.planning ? (step.dry?.() as T) : step.run();
  }

  async directories<const Names extends readonly string[]>(
    ...names: Names
  ): Promise<{ [Name in Names[number]]: string }> {
    const paths = names.map((name) => [name, join(this.paths.container, name)]);
    return Object.fromEntries(paths) as { [Name in Names[number]]: string };
  }

  /** Nothing is cloned meanwhile. */
  makeAhead(): void {}

  duringClone(work: () => void | Promise<void>): void | Promise<void> {
    return work();
  }

  handOver(): void {
    throw new Error('nothing is handed over to a process that only holds a file system');
  }

  warn(): void {}
}
