import type { ErrorCode } from '../plugin/error.js';

interface CodeMeaning {
  readonly meaning: string;
  /** What it usually is: ids of diagnoses, or words. */
  readonly causes: readonly string[];
}

/** Every error code, for `tsbox explain CODE`. */
export const CODES: Readonly<Record<ErrorCode, CodeMeaning>> = {
  ERR_TSBOX_USAGE: {
    meaning: 'the command line cannot be read',
    causes: ['an unknown option or command: tsbox COMMAND --help', 'a value of another form than the option takes'],
  },
  ERR_TSBOX_CONFIG: {
    meaning: 'a config file cannot be used',
    causes: [
      'an unknown key, or a value of another type',
      'a file that others can write, which tsbox does not trust as root',
    ],
  },
  ERR_TSBOX_INVALID_SPEC: {
    meaning: 'what was asked for makes no sense, or contradicts itself',
    causes: ['subnet-clash', 'uidmap-missing', 'subuid-missing', 'two options that exclude each other'],
  },
  ERR_TSBOX_NO_SUCH_DRIVER: {
    meaning: 'there is no driver of that name',
    causes: ['a typing error', 'a plugin that is not in the config file'],
  },
  ERR_TSBOX_DRIVER_UNSUPPORTED: {
    meaning: 'the driver does not work on this host',
    causes: [
      'overlay-on-overlay',
      'userns-max-zero',
      'userns-apparmor',
      'cgroup-not-mounted',
      'nft-missing',
      'kernel-too-old',
    ],
  },
  ERR_TSBOX_NOT_ENFORCEABLE: {
    meaning: 'something was asked for that cannot be enforced here, and tsbox does not go on without it',
    causes: ['cgroup-controller-missing', 'limit-refused', 'kernel-too-old'],
  },
  ERR_TSBOX_IMAGE_NOT_FOUND: { meaning: 'there is no such image', causes: ['image-not-found'] },
  ERR_TSBOX_IMAGE_INVALID: {
    meaning: 'the image is there, and cannot be used',
    causes: ['image-unreadable', 'image-broken-archive', 'too-many-layers'],
  },
  ERR_TSBOX_NO_SUCH_USER: {
    meaning: 'the image has no such user or group',
    causes: ['a name that is not in its /etc/passwd or /etc/group: give a number'],
  },
  ERR_TSBOX_NAME_IN_USE: { meaning: 'the name is taken', causes: ['name-in-use'] },
  ERR_TSBOX_NO_SUCH_CONTAINER: {
    meaning: 'there is no such container',
    causes: ['it has been removed, or is another --root: tsbox ps -a'],
  },
  ERR_TSBOX_CONTAINER_RUNNING: { meaning: 'the container runs', causes: ['tsbox stop it first, or tsbox rm -f'] },
  ERR_TSBOX_CONTAINER_STATE: {
    meaning: 'the container is not in a state for that',
    causes: ['it is not running, paused, or being removed: tsbox ps -a'],
  },
  ERR_TSBOX_NO_SUCH_NETWORK: { meaning: 'there is no such network', causes: ['tsbox network ls lists them'] },
  ERR_TSBOX_NO_SUCH_VOLUME: { meaning: 'there is no such volume', causes: ['tsbox volume ls lists them'] },
  ERR_TSBOX_IN_USE: {
    meaning: 'something else uses it',
    causes: ['containers use the network, volume or image: remove them first'],
  },
  ERR_TSBOX_COPY: {
    meaning: 'a file inside could not be read or written',
    causes: ['the path is not there, or is read-only in the container'],
  },
  ERR_TSBOX_PORT_IN_USE: { meaning: 'a port of this host is taken', causes: ['port-in-use'] },
  ERR_TSBOX_ADDRESS_IN_USE: { meaning: 'the address is taken', causes: ['address-in-use'] },
  ERR_TSBOX_NO_ADDRESS: { meaning: 'no address or subnet is free', causes: ['addresses-exhausted', 'no-free-subnet'] },
  ERR_TSBOX_PLUGIN: {
    meaning: 'a plugin misbehaved, or could not be loaded',
    causes: ['it threw, did not finish a hook, or is of another apiVersion: the message names it'],
  },
  ERR_TSBOX_STEP_FAILED: {
    meaning: 'a step of the engine failed; everything before it was undone',
    causes: ['pids-limit', 'no-memory', 'memfd-noexec'],
  },
  ERR_TSBOX_OP_FAILED: {
    meaning: 'a system call of the container failed while it was set up; everything was undone',
    causes: ['overlay-too-deep', 'mount-table-full', 'userns-seccomp', 'memory-limit-too-small', 'nodev-devices'],
  },
  ERR_TSBOX_CANNOT_EXECUTE: {
    meaning: 'the command is there, and cannot be executed',
    causes: [
      'command-not-executable',
      'command-is-directory',
      'wrong-architecture',
      'not-a-program',
      'noexec-store',
      'text-file-busy',
    ],
  },
  ERR_TSBOX_COMMAND_NOT_FOUND: {
    meaning: 'the command, or what it needs to be started, is not in the image',
    causes: ['command-not-found', 'script-interpreter-missing', 'loader-missing', 'path-empty'],
  },
  ERR_TSBOX_STATE: {
    meaning: 'the state cannot be read or written',
    causes: ['no-space', 'no-inodes', 'disk-quota', 'read-only-store', 'later-version', 'busy-mount', 'fd-limit'],
  },
  ERR_TSBOX_SERVICE_FAILED: {
    meaning: 'a service of an environment did not come up',
    causes: ['its command ended, or it was not ready in time: tsbox logs CONTAINER'],
  },
  ERR_TSBOX_ABORTED: {
    meaning: 'the caller ended it',
    causes: ['a signal, or an AbortSignal of the program that uses the library'],
  },
};
