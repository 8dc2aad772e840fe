import { resolveCommand } from '../image/index.js';
import { restoreImage } from '../image/restore.js';
import type { Gate } from '../kernel/gate.js';
import type { Host } from '../kernel/host.js';
import { TsboxError } from '../plugin/error.js';
import type { Entering } from '../plugin/launch.js';
import type { HookName } from '../plugin/plugin.js';
import type { Spec } from '../plugin/spec.js';
import type { StatePaths } from '../plugin/tokens.js';
import { readDetails } from '../state/record.js';
import { sameDrivers } from './choose-drivers.js';
import { readContainerFile } from './exec-files.js';
import type { ExecTarget } from './exec-target.js';
import { type LaunchState, LaunchView } from './launch-state.js';
import type { PluginRegistry } from './registry.js';

/** What is asked for; everything else is as the container has it. */
export interface ExecSpec {
  readonly command: readonly string[];
  /** `user[:group]`, names or numbers of the container's own files; default: the container's. */
  readonly user?: string;
  /** `K=V`, added to the container's. */
  readonly env?: readonly string[];
  readonly workdir?: string;
  readonly tty?: boolean;
  /** In characters. */
  readonly terminalSize?: Spec['terminalSize'];
  /** All capabilities there are to give. */
  readonly privileged?: boolean;
}

export interface EnteringContext {
  readonly registry: PluginRegistry;
  readonly gate: Gate;
  readonly host: Host;
  readonly paths: StatePaths;
  readonly onWarning: (message: string) => void;
}

/** The launch as plugins see it when a further process enters: they record, and acquire nothing. */
export class EnteringView extends LaunchView {
  readonly #entering: Entering;

  constructor(state: LaunchState, plugin: string, hook: HookName, entering: Entering) {
    super(state, plugin, hook);
    this.#entering = entering;
  }

  override get entering(): Entering {
    return this.#entering;
  }

  override get planning(): boolean {
    return false;
  }

  override async step(): Promise<never> {
    throw this.#refusal('takes a step on the host');
  }

  override handOver(): never {
    throw this.#refusal('hands a descriptor over');
  }

  #refusal(deed: string): TsboxError {
    return new TsboxError('ERR_TSBOX_PLUGIN', {
      what: `plugin "${this.plugin}" cannot take part in exec`,
      why: `it ${deed} in ${this.hook}, and nobody would take that back`,
      fix: 'the plugin must leave that out where launch.entering is set',
    });
  }
}

/** What a launch of the container would be with this command, its accounts read from the container as it is now. */
export async function enteringState(
  target: ExecTarget,
  asked: ExecSpec,
  context: EnteringContext,
): Promise<LaunchState> {
  const { registry, gate, host, paths, onWarning } = context;
  const { record, directory } = target.container;
  const details = readDetails(directory);
  const readFile = (path: string) => readContainerFile(gate, target.root, path, onWarning);
  const image = { ...restoreImage(gate, details.image), readFile };
  const spec = enteringSpec(details.spec, asked);
  await registry.loadHooks();
  return {
    id: record.id,
    name: record.name,
    again: true,
    kept: details.kept,
    spec,
    image,
    command: resolveCommand(spec, image, details.hostname),
    hostname: details.hostname,
    gate,
    host,
    paths: { ...paths, container: directory },
    // All of them: a plugin's preExec handler runs where one of its drivers was chosen.
    drivers: await sameDrivers(details, registry),
    journal: undefined,
    namespaces: new Set(target.namespaces),
    network: {
      chosen: { attachments: [], others: [], exists: () => true },
      address: undefined,
      nameservers: undefined,
    },
    facts: { ...(details.facts as LaunchState['facts']) },
    steps: [],
    warnings: [],
    degraded: [],
    created: record.created,
    trees: new Set(),
    volumes: new Map(),
    duringClone: [],
    handedOver: new Map(),
    onWarning,
    idMaps: target.idMaps,
    cgroup: undefined,
    rootfs: undefined,
    pid: target.process.pid,
  };
}

/** The stored spec decides about rights and limits; the command and its surroundings are those that were asked for. */
function enteringSpec(stored: Spec, asked: ExecSpec): Spec {
  const { terminalSize: _, ...rest } = stored;
  const { security } = stored;
  return {
    ...rest,
    command: asked.command,
    entrypoint: [],
    env: [...stored.env, ...(asked.env ?? [])],
    tty: asked.tty ?? false,
    security: asked.privileged ? { ...security, privileged: true, capAdd: [], capDrop: [] } : security,
    ...(asked.user !== undefined && { user: asked.user }),
    ...(asked.workdir !== undefined && { workdir: asked.workdir }),
    ...(asked.terminalSize && { terminalSize: asked.terminalSize }),
  };
}
