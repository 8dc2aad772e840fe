import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import type { RunSettings } from '../../../core/config/run-options.js';
import { Engine } from '../../../core/engine/index.js';
import type { Condition, Readiness, ResolvedEnvironment, ResolvedService } from '../../../core/environments/types.js';
import { downServices, type ServiceEvent, type UpOptions, upServices } from '../../../core/services/index.js';
import { listContainers } from '../../../core/state/containers.js';
import { builtins } from '../../../plugins/builtins.js';
import { busyboxImage } from '../../support/image.js';
import { CLI, type CliOptions, runCli } from '../../support/run-cli.js';
import { tempRoot } from '../../support/temp-root.js';

export interface ServiceParts {
  /** For sh. */
  readonly script?: string;
  readonly settings?: RunSettings;
  readonly dependsOn?: Readonly<Record<string, Condition>>;
  readonly ready?: Partial<Readiness>;
  readonly profiles?: readonly string[];
  readonly secrets?: ResolvedService['secrets'];
}

/** Ends at once when it is told to. */
export const SLEEP = "trap 'exit 0' TERM; sleep 600 & wait";
const READINESS = { intervalMs: 100, timeoutMs: 5_000, retries: 100 };

/** An engine and a command line on a state of their own, and environments of busybox containers. */
export function servicesBench() {
  const state = tempRoot();
  const image = join(state.directory, 'image');
  let engine: Engine;
  beforeAll(() => {
    busyboxImage(image);
    const command = [process.execPath, '--', CLI];
    engine = new Engine({ root: state.root, runroot: state.runroot, plugins: builtins, command });
  });
  afterAll(() => engine.close());

  const service = (name: string, parts: ServiceParts): ResolvedService => ({
    name,
    image,
    command: ['sh', '-c', parts.script ?? SLEEP],
    // Names that are not in /etc/hosts are asked for nowhere.
    layers: [{ kind: 'library', directory: state.directory, values: { dns: ['127.0.0.1'], ...parts.settings } }],
    secrets: parts.secrets ?? [],
    dependsOn: new Map(Object.entries(parts.dependsOn ?? {})),
    ...(parts.ready && { ready: { ...READINESS, ...parts.ready } }),
    profiles: parts.profiles ?? [],
    origins: {},
  });
  const environment = (name: string, services: Readonly<Record<string, ServiceParts>>): ResolvedEnvironment => ({
    name,
    directory: state.directory,
    single: false,
    services: Object.entries(services).map(([each, parts]) => service(each, parts)),
    unsupported: [],
  });
  const up = async (wanted: ResolvedEnvironment, options: UpOptions = {}) => {
    const events: ServiceEvent[] = [];
    const services = await upServices(engine, wanted, { onEvent: (event) => events.push(event), ...options });
    return { services, said: events.map(({ service: name, what }) => `${name} ${what}`), events };
  };
  const tsbox = (args: readonly string[], options: CliOptions = {}) => runCli([...state.flags, ...args], options);
  const done = async (args: readonly string[], options: CliOptions = {}): Promise<string> => {
    const { status, stdout, stderr } = await tsbox(args, options);
    if (status !== 0) throw new Error(`tsbox ${args.join(' ')}: ${status}\n${stdout}${stderr}`);
    return stdout.trimEnd();
  };
  const containers = () =>
    listContainers(state.root, () => {})
      .map(({ record, state: now }) => `${record.name} ${now}`)
      .sort();
  /** Whether anything is left of any environment. */
  const traces = () => {
    const list = (path: string) => (existsSync(path) ? readdirSync(path) : []);
    const kept = ['containers', 'names', 'networks', 'volumes'].flatMap((path) => list(join(state.root, path)));
    const live = ['journal', 'live', 'environments'].flatMap((path) => list(join(state.runroot, path)));
    return [...kept, ...live];
  };
  afterEach(async () => {
    for (const network of ['shop', 'solo']) await downServices(engine, network, { volumes: true, timeout: 0 });
    expect(traces()).toEqual([]);
  });
  return {
    ...state,
    image,
    environment,
    up,
    tsbox,
    done,
    containers,
    traces,
    get engine() {
      return engine;
    },
  };
}
