import type { CatalogueEntry, Failure, Finding, FoundFile } from '../diagnosis.js';
import { commandOf } from '../facts.js';
import { firstCandidate } from '../look/command-file.js';
import { onFile } from './on-file.js';

/** Whether the command is there, and may be executed. */
export const COMMAND: readonly CatalogueEntry[] = [
  {
    id: 'command-is-directory',
    title: 'The command is a directory',
    why: 'A directory has x bits too, but it cannot be executed.',
    fix: ['name the program in it: IMAGE DIRECTORY/PROGRAM'],
    see: ['execve(2)'],
    match: onFile('EACCES', ({ file, path }) => file.isDirectory && { why: `${path} is a directory` }),
  },
  {
    id: 'command-not-executable',
    title: 'The command has no x bit',
    why: 'The file is there, but nobody may execute it.',
    fix: ['chmod +x FILE in the image', 'or name its interpreter: IMAGE sh FILE'],
    see: ['execve(2)', 'chmod(1)'],
    match: onFile(
      'EACCES',
      ({ file, path }) =>
        file.isFile &&
        (file.mode & 0o111) === 0 && {
          why: `${path} has no x bit (its mode is ${octal(file.mode)})`,
          fix: [`chmod +x it in the image`, `or name its interpreter: sh ${path}`],
        },
    ),
  },
  {
    id: 'noexec-store',
    title: 'The file system of the command is mounted noexec',
    why: 'Nothing can be executed from a mount with the option noexec, whatever the x bits say.',
    fix: ['mount -o remount,exec MOUNTPOINT', 'or choose a place on another file system with --root'],
    see: ['mount(8)', 'execve(2)'],
    match: (failure) =>
      onFile(
        'EACCES',
        ({ file, path }) => file.isFile && (file.mode & 0o111) !== 0 && noexec(failure, file, path),
      )(failure),
  },
  {
    id: 'script-interpreter-missing',
    title: 'The interpreter of a script is missing in the image',
    why: 'The script is there; the program that its first line (#!) names is not.',
    fix: ['install the interpreter in the image', 'or name one that is there: IMAGE INTERPRETER SCRIPT'],
    see: ['execve(2)'],
    match: onFile('ENOENT', ({ path, elf, interpreter, hasInterpreter }) => {
      if (elf || interpreter === undefined || hasInterpreter || interpreter.endsWith('\r')) return undefined;
      return {
        why: `${path} is a script for ${interpreter}, which is not in the image`,
        fix: [`install ${interpreter} in the image`, `or name an interpreter that is there: sh ${path}`],
      };
    }),
  },
  {
    id: 'script-carriage-return',
    title: 'The first line of a script ends with a carriage return',
    why: 'The file was written on Windows: the carriage return at the end of its first line belongs to the name of the interpreter, and no such file exists.',
    fix: ["sed -i 's/\\r$//' FILE", 'in git: *.sh text eol=lf in .gitattributes'],
    see: ['execve(2)'],
    match: onFile(
      'ENOENT',
      ({ path, interpreter }) =>
        interpreter?.endsWith('\r') && {
          why: `the first line of ${path} ends with a carriage return, which is taken for a part of the interpreter's name`,
          fix: [`sed -i 's/\\r$//' ${path}, in the image`],
        },
    ),
  },
  {
    id: 'loader-missing',
    title: 'The loader of a dynamically linked program is missing in the image',
    why: 'The program is there; the loader (ELF interpreter) that it names is not: it was built for another libc, or the image has no libraries.',
    fix: [
      'take a program that is built for the image, or a statically linked one',
      'or tsbox image from-host NAME PROGRAM, which copies its libraries too',
    ],
    see: ['ld.so(8)', 'execve(2)'],
    match: onFile('ENOENT', ({ path, elf, hasInterpreter }) => {
      if (!elf?.interpreter || hasInterpreter) return undefined;
      return {
        why: `${path} is dynamically linked, and its loader ${elf.interpreter} is not in the image`,
        fix: [
          `use a program that was built for this image${elf.interpreter.includes('musl') ? '' : ' (one for Debian does not run in Alpine)'}, or a statically linked one`,
          `tsbox image from-host NAME ${path} copies it with its libraries from this machine`,
        ],
      };
    }),
  },
  {
    id: 'command-not-found',
    title: 'The command is not in the image',
    why: 'No file of that name is in any directory of PATH, or at the path that was given.',
    fix: ['check the spelling', 'give a full path, install it in the image, or set PATH with -e'],
    see: ['execvp(3)'],
    match: ({ facts, launch, host: _ }) => {
      const command = commandOf(facts, launch, 'ENOENT');
      if (!command || command.path === '' || firstCandidate(command)) return undefined;
      const [name] = command.argv;
      if (name?.includes('/'))
        return {
          why: `there is no ${name} in the container`,
          fix: [`tsbox run --rm IMAGE ls ${name.replace(/[^/]+$/, '')} shows what is there`],
        };
      return { why: `executable file not found in $PATH (${command.path})` };
    },
  },
  {
    id: 'path-empty',
    title: 'PATH is empty',
    why: 'A command without a slash is searched in PATH, which is set to nothing, so that only the working directory is searched.',
    fix: [
      'give a full path',
      'or leave PATH alone: -e PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    ],
    see: ['execvp(3)', 'environ(7)'],
    match: ({ facts, launch }) => {
      const command = commandOf(facts, launch, 'ENOENT');
      if (command?.path !== '' || command.argv[0]?.includes('/')) return undefined;
      return {
        why: `PATH is empty in the container, so ${command.argv[0]} was looked for in its working directory only`,
      };
    },
  },
];

function noexec({ host }: Failure, file: FoundFile, path: string): Finding | undefined {
  if (file.flags.includes('noexec') || (file.flags.length > 0 && !file.flags.includes('exec')))
    return { why: `${path} is on a mount with noexec`, fix: ['leave noexec out of the options of --tmpfs'] };
  const mount = host.mountOf(file.origin);
  if (!mount?.flags.includes('noexec')) return undefined;
  return {
    why: `${path} is on ${mount.target}, which is mounted noexec`,
    fix: [
      `mount -o remount,exec ${mount.target}`,
      'or choose a place on another file system: --root for the store, another source for a bind',
    ],
  };
}

function octal(mode: number): string {
  return (mode & 0o7777).toString(8).padStart(4, '0');
}
