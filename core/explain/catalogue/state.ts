import type { CatalogueEntry } from '../diagnosis.js';

/** Images, names, records, and requests that this host or this version cannot do. */
export const STATE: readonly CatalogueEntry[] = [
  {
    id: 'image-not-found',
    title: 'There is no such image',
    why: 'tsbox looks for a local image of that name, or for a directory or tar file where a path is given.',
    fix: ['tsbox image ls lists those that there are', 'name a directory or a tar file by its path: ./rootfs'],
  },
  {
    id: 'image-unreadable',
    title: 'The image cannot be read',
    why: 'This user may not read the directory or file, or not pass through a directory above it.',
    fix: ['namei -l PATH shows who may pass', 'chmod a+rX it, or run tsbox as its owner'],
    see: ['path_resolution(7)', 'namei(1)'],
  },
  {
    id: 'image-broken-archive',
    title: 'The archive of the image is broken',
    why: 'It ends too early, a checksum is wrong, or it is no tar archive.',
    fix: ['tar -tf FILE shows what tar thinks of it', 'get the file again, or pack a tree with tar -C ROOTFS -c .'],
    see: ['tar(1)', 'tar(5)'],
  },
  {
    id: 'name-in-use',
    title: 'The name is in use',
    why: 'Each name belongs to one container, running or not.',
    fix: ['tsbox rm NAME', 'or choose another --name, or --rm for those that need not stay'],
  },
  {
    id: 'later-version',
    title: 'The file was written by a later tsbox',
    why: 'A record in the state has a version that this tsbox does not know; reading it as if it did could lose what it means.',
    fix: [
      'use the tsbox that wrote it, or a later one',
      'or tsbox rm -f CONTAINER, which removes it with what is left of it',
    ],
  },
  {
    id: 'kernel-too-old',
    title: 'The kernel is too old for it',
    why: 'What was asked for needs a later Linux.',
    fix: [
      'uname -r shows the version; tsbox doctor says what each driver needs',
      'leave it out, or use a later kernel',
    ],
    see: ['uname(1)'],
  },
];
