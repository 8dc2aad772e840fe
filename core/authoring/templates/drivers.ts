// What `tsbox plugin create` writes as index.ts: as small as a driver can be that passes its suite.

/** A word in a class's name: `my-store` is `MyStore`. */
export function className(name: string): string {
  return name.replace(/(?:^|[^a-z0-9]+)([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

export function storage(name: string): string {
  return `import {
  type ChildProgram,
  definePlugin,
  HOST,
  type Host,
  type Launch,
  OverlayRootfs,
  overlaySupport,
  type StorageDriver,
  type StoredContainer,
} from 'tsbox/plugin';

/** Where the files of a container are: here, an overlay on the layers of its image. */
class ${className(name)}Driver implements StorageDriver {
  readonly capabilities = { layers: true, unprivileged: false, clone: 'constant-time' } as const;
  readonly #rootfs: OverlayRootfs;

  constructor(readonly host: Host) {
    this.#rootfs = new OverlayRootfs(host);
  }

  /** Can this machine do it? No side effects; \`tsbox info\` asks too. */
  check() {
    return overlaySupport(this.host);
  }

  /** Refuses what cannot be done, before anything is done. */
  validate(launch: Launch) {
    this.#rootfs.validate(launch);
  }

  /** In the engine, before the clone. What it takes on the host it takes with launch.step and an undo. */
  async prepare(launch: Launch) {
    await this.#rootfs.prepare(launch);
  }

  /** Records the system calls that the container executes later, in its own namespaces. */
  record(child: ChildProgram, launch: Launch) {
    this.#rootfs.record(child, launch);
  }

  /** For tsbox diff, export and commit. */
  contents(container: StoredContainer) {
    return this.#rootfs.contents(container);
  }
}

export default definePlugin({
  name: '${name}',
  apiVersion: 1,
  description: 'A storage driver',
  drivers: { storage: { '${name}': (container) => new ${className(name)}Driver(container.resolve(HOST)) } },
});
`;
}

export function network(name: string): string {
  return `import {
  type ChildProgram,
  definePlugin,
  InterfaceSetup,
  type Launch,
  type NetworkDriver,
  openOwnNetwork,
  WORKS,
} from 'tsbox/plugin';

/** What a container is connected to: here, a namespace with its loopback up. */
class ${className(name)}Driver implements NetworkDriver {
  readonly capabilities = { ownNamespace: true, ports: false, address: false, unprivileged: true } as const;

  /** Can this machine do it? No side effects; \`tsbox info\` asks too. */
  check() {
    return WORKS;
  }

  /** In the engine, before the clone. What it takes on the host it takes with launch.step and an undo. */
  async prepare(launch: Launch) {
    launch.namespaces.add('net');
  }

  /** Records the system calls that the container executes later, in its own namespaces. */
  record(child: ChildProgram, launch: Launch) {
    new InterfaceSetup(child).loopbackUp().close();
    openOwnNetwork(child, launch.idMaps);
  }
}

export default definePlugin({
  name: '${name}',
  apiVersion: 1,
  description: 'A network driver',
  drivers: { network: { '${name}': () => new ${className(name)}Driver() } },
});
`;
}

export function resources(name: string): string {
  return `import { type CgroupEntrance, definePlugin, type ResourceDriver, WORKS } from 'tsbox/plugin';

/** What limits a container: here, nothing. A limit that is not in \`limits\` is refused by the engine. */
class ${className(name)}Driver implements ResourceDriver {
  readonly capabilities = { limits: ['devices'] } as const;

  /** Can this machine do it? No side effects; \`tsbox info\` asks too. */
  check() {
    return WORKS;
  }

  /** How \`tsbox exec\` gets into what limits the container. */
  entrance(): CgroupEntrance {
    return { files: [] };
  }
}

export default definePlugin({
  name: '${name}',
  apiVersion: 1,
  description: 'A resource driver',
  drivers: { resources: { '${name}': () => new ${className(name)}Driver() } },
});
`;
}

export function userns(name: string): string {
  return `import { definePlugin, HOST, type Host, type UsernsDriver, unsupported, WORKS } from 'tsbox/plugin';

/** Which ids of the host a container has: here, the same. A driver with maps sets launch.idMaps in \`prepare\`. */
class ${className(name)}Driver implements UsernsDriver {
  constructor(readonly host: Host) {}

  /** Can this machine do it? No side effects; \`tsbox info\` asks too. */
  check() {
    return this.host.privileged ? WORKS : unsupported('without a user namespace it needs root', 'run tsbox as root');
  }
}

export default definePlugin({
  name: '${name}',
  apiVersion: 1,
  description: 'A driver of user namespaces',
  drivers: { userns: { '${name}': (container) => new ${className(name)}Driver(container.resolve(HOST)) } },
});
`;
}

export function hook(name: string): string {
  return `import { definePlugin, MOUNT_ATTR_NODEV, MOUNT_ATTR_NOSUID } from 'tsbox/plugin';

export default definePlugin({
  name: '${name}',
  apiVersion: 1,
  description: 'Hooks',
  options: {
    greeting: { type: 'string', default: 'hello', description: 'what each container finds in ${variable(name)}' },
  },
  hooks: {
    // In the engine, before the clone.
    preClone: ({ launch, options }) => {
      launch.command.env.push(\`${variable(name)}=\${options.greeting}\`);
    },
    // Recorded here, executed in the container when its mounts are there.
    childSetup: {
      after: 'mounts',
      handler: ({ child }) => {
        const attributes = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV;
        child.attach(child.fsopen('tmpfs').set('mode', '755').mount(attributes), '/run/${name}');
      },
    },
  },
});
`;
}

function variable(name: string): string {
  return name.toUpperCase().replace(/[^A-Z0-9]+/g, '_');
}
