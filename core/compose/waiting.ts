import { durationInMilliseconds } from '../config/parse/duration.js';
import type { Condition } from '../environments/types.js';
import type { KeyReader } from './builder.js';
import type { Node } from './node.js';

const CONDITIONS: Readonly<Record<string, Condition>> = {
  service_started: 'started',
  service_healthy: 'ready',
  service_completed_successfully: 'completed',
};

export const readDependsOn: KeyReader = (node, service) => {
  service.origins.dependsOn = node.origin;
  if (!node.isMap) {
    for (const name of node.texts()) service.dependsOn.set(name, 'started');
    return;
  }
  for (const [name, value] of node.entries()) {
    const condition = value.child('condition');
    const meant = CONDITIONS[condition?.text() ?? 'service_started'];
    if (!meant) throw (condition ?? value).bad(`it is none of ${Object.keys(CONDITIONS).join(', ')}`);
    for (const [key, setting] of value.entries()) readSetting(key, setting, service);
    const optional = value.child('required')?.flag() === false;
    if (!optional || service.project.services.has(name)) service.dependsOn.set(name, meant);
  }
};

function readSetting(key: string, setting: Node, service: Parameters<KeyReader>[1]): void {
  if (key === 'condition' || key === 'required' || key.startsWith('x-')) return;
  if (key === 'restart' && !setting.flag()) return;
  service.unsupported(setting, 'a service is not restarted because another one is');
}

const DEFAULT_MS = 30_000;
const DEFAULT_RETRIES = 3;
/** How often it is looked is the waiting one's choice: what counts is how long it may take. */
const KNOWN = ['test', 'interval', 'timeout', 'retries', 'start_period', 'start_interval', 'disable'];

export const readHealthcheck: KeyReader = (node, service) => {
  for (const [key, value] of node.entries())
    if (!KNOWN.includes(key) && !key.startsWith('x-')) service.unsupported(value, 'a healthcheck has no such setting');
  const test = node.child('test');
  const command = test && commandOf(test);
  service.ready = undefined;
  if (node.child('disable')?.flag() || command?.length === 0) return;
  if (!command) return service.unsupported(node, "an image's own healthcheck is not read; give a test");
  service.origins.ready = node.origin;
  service.ready = {
    command,
    intervalMs: milliseconds(node.child('interval')) ?? DEFAULT_MS,
    timeoutMs: milliseconds(node.child('timeout')) ?? DEFAULT_MS,
    retries: node.child('retries')?.number() ?? DEFAULT_RETRIES,
    startPeriodMs: milliseconds(node.child('start_period')) ?? 0,
  };
};

/** Empty: there is to be none. */
function commandOf(test: Node): string[] {
  if (!test.isList) return ['/bin/sh', '-c', test.text()];
  const [kind, ...words] = test.texts();
  if (kind === 'NONE') return [];
  if (kind === 'CMD' && words.length > 0) return words;
  if (kind === 'CMD-SHELL' && words.length === 1) return ['/bin/sh', '-c', words[0] as string];
  throw test.bad('a list begins with NONE, CMD or CMD-SHELL');
}

function milliseconds(node: Node | undefined): number | undefined {
  if (!node) return undefined;
  const value = durationInMilliseconds(node.text());
  if (value === undefined) throw node.bad('it is not a duration', '30s');
  return value;
}
