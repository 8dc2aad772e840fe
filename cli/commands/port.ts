import type { Command } from 'commander';
import { TsboxError } from '../../core/plugin/error.js';
import type { PortSpec } from '../../core/plugin/spec.js';
import { requireContainer } from '../../core/state/containers.js';
import type { Finish } from '../command.js';
import { readGlobals } from '../globals.js';
import { print } from '../output.js';
import { formatHostPort } from '../ports.js';
import { readStatePaths } from '../state-paths.js';

/** It reads a record, and nothing else is loaded: no engine, no driver, no koffi. */
export function define(command: Command, finish: Finish): void {
  command
    .argument('<container>', 'name, id, or the beginning of an id')
    .argument('[port]', 'of the container: 80, 80/tcp');
  command.action(async (name: string, port: string | undefined, _options: object, parsed: Command) => {
    const { root } = await readStatePaths(readGlobals(parsed, process.env));
    const { record, pid } = requireContainer(root, name);
    const ports = pid === undefined ? [] : record.ports;
    print(port === undefined ? allPorts(ports) : onePort(ports, port, record.name));
    finish(0);
  });
}

/** `80/tcp -> 0.0.0.0:8080`. */
function allPorts(ports: readonly PortSpec[]): string {
  const lines = ports.map((port) => `${port.containerPort}/${port.protocol} -> ${formatHostPort(port)}\n`);
  return lines.sort().join('');
}

function onePort(ports: readonly PortSpec[], text: string, name: string): string {
  const [, number, protocol = 'tcp'] = /^(\d+)(?:\/(tcp|udp))?$/.exec(text) ?? [];
  if (number === undefined) {
    throw new TsboxError('ERR_TSBOX_USAGE', {
      what: `cannot look for port ${JSON.stringify(text)}`,
      why: 'it is not PORT or PORT/PROTOCOL',
      fix: `tsbox port ${name} 80/tcp`,
    });
  }
  const found = ports.filter((port) => port.containerPort === Number(number) && port.protocol === protocol);
  if (found.length > 0) return found.map((port) => `${formatHostPort(port)}\n`).join('');
  throw new TsboxError('ERR_TSBOX_CONTAINER_STATE', {
    what: `cannot say where port ${number}/${protocol} of container ${name} is published`,
    why: ports.length > 0 ? 'that port is not published' : 'it has no published ports, or does not run',
    fix: 'tsbox port without a port lists those that are',
  });
}
