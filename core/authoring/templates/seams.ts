// What `tsbox plugin create` writes as index.ts for the seams: security, image and log.
import { className } from './drivers.js';

export function security(name: string): string {
  return `import { type ChildProgram, definePlugin, PR_CAPBSET_DROP, type SecurityDriver, WORKS } from 'tsbox/plugin';

const CAP_NET_RAW = 13;

/** What is added to the sandbox: here, no raw sockets, not even for a setuid program. */
class ${className(name)}Driver implements SecurityDriver {
  /** Can this machine do it? No side effects; \`tsbox info\` asks too. */
  check() {
    return WORKS;
  }

  /** Records what the container executes as its root, before rights are dropped; again for each exec into it. */
  record({ inside }: ChildProgram) {
    inside.call('prctl', [PR_CAPBSET_DROP, CAP_NET_RAW, 0, 0, 0], { note: 'no raw sockets' });
  }
}

export default definePlugin({
  name: '${name}',
  apiVersion: 1,
  description: 'A driver of security',
  drivers: { security: { '${name}': () => new ${className(name)}Driver() } },
});
`;
}

export function image(name: string): string {
  return `import { statSync } from 'node:fs';
import { definePlugin, type ImageDriver, type ImageRequest, type ProvidedImage, TsboxError, WORKS } from 'tsbox/plugin';

/** Where images come from: here, \`${name}:PATH\` is a directory of this machine. */
class ${className(name)}Driver implements ImageDriver {
  /** Can this machine do it? No side effects; \`tsbox info\` asks too. */
  check() {
    return WORKS;
  }

  /** What it makes stays, below \`request.directory\`; nothing is made while \`request.planning\`. */
  async resolve(reference: string, { rest }: ImageRequest): Promise<ProvidedImage> {
    if (!rest.startsWith('/') || !statSync(rest, { throwIfNoEntry: false })?.isDirectory()) {
      const problem = { what: \`there is no image \${reference}\`, why: \`\${rest} is no directory\` };
      throw new TsboxError('ERR_TSBOX_IMAGE_NOT_FOUND', { ...problem, fix: '${name}:/path/of/a/directory' });
    }
    return { layers: [rest], config: { env: ['FROM=${name}'] } };
  }
}

export default definePlugin({
  name: '${name}',
  apiVersion: 1,
  description: 'A source of images',
  drivers: { image: { '${name}': () => new ${className(name)}Driver() } },
});
`;
}

export function log(name: string): string {
  return `import { createReadStream, existsSync, openSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import {
  definePlugin,
  type Launch,
  type LogDriver,
  type LoggedContainer,
  type LoggedText,
  STATE_PATHS,
  type StatePaths,
  WORKS,
} from 'tsbox/plugin';

const fileOf = (root: string, id: string) => join(root, 'containers', id, '${name}.log');

/** Where the output of a detached container goes: here, to a file of its own directory. */
class ${className(name)}Driver implements LogDriver {
  readonly capabilities = { options: [] } as const;

  constructor(readonly paths: StatePaths) {}

  /** Can this machine do it? No side effects; \`tsbox info\` asks too. */
  check() {
    return WORKS;
  }

  /** At each start. What it takes on the host it takes with launch.step and an undo. */
  async open(launch: Launch) {
    const path = fileOf(this.paths.root, launch.id);
    const undo = { kind: 'remove', args: { id: launch.id } };
    const fd = await launch.step({ action: 'open', target: path, undo, keep: true, run: () => openSync(path, 'a', 0o600) });
    return { stdout: fd, stderr: fd };
  }

  /** For tsbox logs. */
  async *read({ id }: LoggedContainer): AsyncIterable<LoggedText> {
    const path = fileOf(this.paths.root, id);
    if (existsSync(path)) for await (const text of createReadStream(path)) yield { stream: 'stdout', text };
  }
}

export default definePlugin({
  name: '${name}',
  apiVersion: 1,
  description: 'A log driver',
  drivers: { log: { '${name}': (container) => new ${className(name)}Driver(container.resolve(STATE_PATHS)) } },
  undo: { remove: ({ id }, { root }) => rmSync(fileOf(root, String(id)), { force: true }) },
});
`;
}
