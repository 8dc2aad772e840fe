import type { CatalogueEntry } from '../diagnosis.js';
import { hasErrno } from '../facts.js';
import { machineName } from '../look/command-file.js';
import { onFile } from './on-file.js';

const OWN_MACHINE: Readonly<Record<string, number>> = { x64: 62, arm64: 183 };

/** What kind of file the command is, and what it needs to run. */
export const PROGRAM: readonly CatalogueEntry[] = [
  {
    id: 'wrong-architecture',
    title: 'The program is for another kind of processor',
    why: 'The file is ELF for another machine than this one, and no emulator is registered for it (binfmt_misc).',
    fix: ['take an image for this machine', 'or apt-get install qemu-user-static, which registers emulators'],
    see: ['execve(2)'],
    match: onFile('ENOEXEC', ({ path, elf }) => {
      const foreign = elf && elf.machine !== OWN_MACHINE[process.arch];
      return (
        foreign && {
          why: `${path} is for ${machineName(elf.machine)}, and this machine is ${machineName(OWN_MACHINE[process.arch] ?? 0)}`,
          fix: [
            `take an image for ${machineName(OWN_MACHINE[process.arch] ?? 0)}`,
            'or apt-get install qemu-user-static, which registers emulators',
          ],
        }
      );
    }),
  },
  {
    id: 'not-a-program',
    title: 'The file is neither a program nor a script with #!',
    why: 'The kernel executes ELF files, and scripts whose first line begins with #! and names an interpreter. A shell would have guessed; tsbox uses no shell.',
    fix: ['begin the script with #!/bin/sh', 'or name the interpreter: IMAGE sh SCRIPT'],
    see: ['execve(2)'],
    match: onFile('ENOEXEC', ({ file, path, elf }) => {
      if (elf) return undefined;
      const empty = file.read(0, 1)?.length === 0;
      return {
        why: empty ? `${path} is empty` : `${path} is neither an ELF file nor a script that begins with #!`,
        fix: [`begin it with #!/bin/sh, or run it by its interpreter: sh ${path}`],
      };
    }),
  },
  {
    id: 'text-file-busy',
    title: 'The program is open for writing',
    why: 'As long as somebody has a file open for writing, the kernel does not execute it.',
    fix: [
      'wait until it is written: fuser -v FILE says who writes it',
      'write a new file and rename it over the old one',
    ],
    see: ['execve(2)', 'fuser(1)'],
    match: onFile('ETXTBSY', ({ file, path }) => ({
      why: `${path} is open for writing on this machine`,
      fix: [
        `fuser -v ${file.origin} says who writes it: wait for that`,
        'write a new file and rename it over the old one',
      ],
    })),
  },
  {
    id: 'file-capabilities-refused',
    title: 'The file wants capabilities that the container does not have',
    why: 'The file has capabilities with the effective bit (setcap), of which the container was not given all: the kernel refuses it rather than run it with less.',
    fix: ['getcap FILE says which', 'give them with --cap-add', 'or remove them in the image: setcap -r FILE'],
    see: ['execve(2)', 'capabilities(7)', 'getcap(8)'],
    match: onFile('EPERM', ({ path }) => ({
      why: `${path} has file capabilities that the container was not given`,
      fix: [`getcap ${path} says which: give them with --cap-add`, `or remove them in the image: setcap -r ${path}`],
    })),
  },
  {
    id: 'arguments-too-long',
    title: 'Command line and environment are too long',
    why: 'Arguments and environment together have a limit, a quarter of the stack limit; each single string ends at 128 KiB.',
    fix: ['pass it in a file or on stdin', 'or raise the stack limit: ulimit -s'],
    see: ['execve(2)'],
    match: ({ facts }) => (facts.kind === 'command' && hasErrno(facts, 'E2BIG') ? {} : undefined),
  },
  {
    id: 'library-missing',
    title: 'A shared library is missing in the image',
    why: 'The loader started the program and did not find a library that it needs; it then ends with status 127.',
    fix: ['install the library in the image', 'or tsbox image from-host NAME PROGRAM, which copies its libraries too'],
    see: ['ld.so(8)'],
  },
  {
    id: 'setuid-refused',
    title: 'no_new_privs keeps a set-user-ID program from its privileges',
    why: 'Containers run with no_new_privs: no program in them gains rights by its file, so sudo, su and ping run as who called them.',
    fix: [
      'run as root inside: -u 0',
      'or --security-opt no-new-privileges=false, which lets such programs have their way',
    ],
    see: ['prctl(2)', 'PR_SET_NO_NEW_PRIVS(2const)'],
  },
  {
    id: 'nosuid-store',
    title: 'A set-user-ID program is on a mount with nosuid',
    why: 'On a mount with the option nosuid the set-user-ID bits and file capabilities of programs count for nothing.',
    fix: [
      'mount -o remount,suid MOUNTPOINT',
      'or choose a place on another file system with --root',
      'or --storage=overlay, whose mount is its own',
    ],
    see: ['mount(8)'],
  },
];
