import type { LaunchState } from '../engine/launch-state.js';
import type { PlanEntry } from '../engine/plan.js';

export interface OciRequest {
  readonly state: LaunchState;
  readonly entries: readonly PlanEntry[];
  /** Plugins whose calls this description does not know. */
  readonly strangers: readonly string[];
}

/** What the specification has no words for. A runtime that reads the configuration does none of it. */
export function annotationsOf({ state, entries, strangers }: OciRequest): Record<string, string> {
  const { spec, image, drivers, network } = state;
  const calls = strangers.flatMap((plugin) => {
    const own = entries.filter((entry) => entry.plugin === plugin);
    const lines = own.map(({ where, action, target }) => `${where} ${action} ${target}`);
    return own.length > 0 ? [[`tsbox.plugin.${plugin}`, lines.join('\n')]] : [];
  });
  const ports = spec.network.ports.map(
    ({ hostIp = '0.0.0.0', hostPort = 0, containerPort, protocol }) =>
      `${hostIp}:${hostPort}:${containerPort}/${protocol}`,
  );
  const devices = spec.resources.devices.filter(({ target }) => !target.startsWith('/dev/'));
  const pairs: [string, string | undefined][] = [
    ['tsbox.image', spec.image],
    ['tsbox.image.layers', JSON.stringify(image.layers)],
    ...Object.entries(drivers).map(([kind, { name }]): [string, string] => [`tsbox.driver.${kind}`, name]),
    ['tsbox.network.ports', ports.join(',') || undefined],
    ['tsbox.network.generated', network.chosen.peer ? undefined : '/etc/hosts /etc/hostname /etc/resolv.conf'],
    ['tsbox.secrets', spec.secrets?.map(({ target }) => target).join(' ')],
    ['tsbox.init', spec.init ? 'true' : undefined],
    ['tsbox.devices', devices.map(({ source, target }) => `${source}:${target}`).join(',') || undefined],
    ['tsbox.restart', spec.restart.policy === 'no' ? undefined : spec.restart.policy],
    ['tsbox.stop-signal', spec.stopSignal === undefined ? undefined : String(spec.stopSignal)],
    ['tsbox.timeout-ms', spec.timeout === undefined ? undefined : String(spec.timeout)],
    ...(calls as [string, string][]),
  ];
  return Object.fromEntries(pairs.filter((pair): pair is [string, string] => pair[1] !== undefined));
}
