import type { KeyReader, ServiceBuilder } from './builder.js';
import type { Node } from './node.js';

const POLICIES: Readonly<Record<string, string>> = { none: 'no', 'on-failure': 'on-failure', any: 'always' };

/** Limits and the restart policy; the rest is about more than one machine, or more than one container. */
export const readDeploy: KeyReader = (node, service) => {
  for (const [key, value] of node.entries()) {
    if (key === 'resources') readResources(value, service);
    else if (key === 'restart_policy') readPolicy(value, service);
    else if (key === 'replicas') readReplicas(value, service);
    else if (key === 'mode' && value.text() === 'replicated') continue;
    else if (!key.startsWith('x-')) service.unsupported(value, 'it is about a swarm of machines');
  }
};

/** One container of a service is what there is. */
export const readReplicas: KeyReader = (node, service) => {
  if (node.number() !== 1) service.unsupported(node, 'a service is one container');
};

function readResources(node: Node, service: ServiceBuilder): void {
  for (const [kind, table] of node.entries()) {
    for (const [key, value] of table.entries()) {
      if (kind === 'limits' && key === 'cpus') service.text('cpus', value);
      else if (kind === 'limits' && key === 'memory') service.text('memory', value);
      else if (kind === 'limits' && key === 'pids') service.text('pidsLimit', value);
      else if (kind === 'reservations' && key === 'memory') service.text('memoryReservation', value);
      else service.unsupported(value, 'the limits are cpus, memory and pids; memory alone can be reserved');
    }
  }
}

function readPolicy(node: Node, service: ServiceBuilder): void {
  for (const [key, value] of node.entries())
    if (key !== 'condition' && key !== 'max_attempts')
      service.unsupported(value, 'the delay grows with each restart, by itself');
  const condition = node.child('condition');
  const policy = POLICIES[condition?.text() ?? 'any'];
  if (policy === undefined) throw (condition ?? node).bad('it is none of none, on-failure, any');
  const attempts = node.child('max_attempts');
  if (attempts && policy === 'always') service.unsupported(attempts, 'only on-failure counts attempts');
  service.text('restart', node, attempts && policy === 'on-failure' ? `${policy}:${attempts.number()}` : policy);
}
