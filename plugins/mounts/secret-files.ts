import { closeSync, constants, fstatSync, openSync } from 'node:fs';
import { type Launch, type SecretSpec, TsboxError } from '../../core/plugin/index.js';

/** As much as fits into a secret of Kubernetes, and twice what docker takes. */
const LARGEST = 1024 ** 2;
const READ_BY_OTHERS = 0o004;
const WRITTEN_BY_OTHERS = 0o002;

/** Under which the child takes the file. */
export const secretHandle = ({ name }: SecretSpec): string => `mounts:secret ${name}`;

/** Looks at each file, and warns of one that is no secret. @throws TsboxError where one cannot be used */
export function checkSecrets(launch: Launch): void {
  for (const secret of launch.spec.secrets ?? []) {
    const { fd, mode } = open(secret);
    closeSync(fd);
    const others = mode & READ_BY_OTHERS ? 'read' : mode & WRITTEN_BY_OTHERS ? 'write' : undefined;
    if (others)
      launch.warn(`everybody on this host can ${others} the file of the secret "${secret.name}": chmod o= it`);
  }
}

/** Opens the files and hands them to the child that will be made. */
export async function handOverSecrets(launch: Launch): Promise<void> {
  for (const secret of launch.spec.secrets ?? []) {
    await launch.step({
      action: 'open',
      target: `secret ${secret.name}`,
      run: () => launch.handOver(secretHandle(secret), open(secret).fd),
    });
  }
}

/** The caller closes it. */
function open(secret: SecretSpec): { readonly fd: number; readonly mode: number } {
  // A pipe would wait for its writer.
  const fd = openFile(secret, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  const status = fstatSync(fd);
  const why = status.isFile() ? tooLarge(status.size) : 'it is no regular file, and it is read at every start';
  if (why === undefined) return { fd, mode: status.mode };
  closeSync(fd);
  throw refused(secret, why, 'put it into a file, for nobody else to read: umask 077');
}

function openFile(secret: SecretSpec, flags: number): number {
  try {
    return openSync(secret.file, flags);
  } catch (error) {
    throw refused(secret, (error as Error).message, `ls -l ${secret.file}`);
  }
}

function tooLarge(size: number): string | undefined {
  return size > LARGEST ? `it has ${size} bytes, and a secret at most ${LARGEST}` : undefined;
}

function refused({ name }: SecretSpec, why: string, fix: string): TsboxError {
  return new TsboxError('ERR_TSBOX_INVALID_SPEC', { what: `cannot use the secret ${JSON.stringify(name)}`, why, fix });
}
