import { type ImageListing, imageById, listImages } from '../core/image/store.js';
import { TsboxError } from '../core/plugin/error.js';

/** A local image in docker's shape, by name or id. @throws TsboxError ERR_TSBOX_IMAGE_NOT_FOUND */
export function inspectImage(root: string, reference: string): object {
  const { repository, tag } = imageById(root, reference) ?? { repository: reference, tag: 'latest' };
  const wanted = [reference, `${repository}:${tag}`];
  const image = listImages(root).find((one) => wanted.includes(`${one.repository}:${one.tag}`));
  if (image) return asDocker(image);
  throw new TsboxError('ERR_TSBOX_IMAGE_NOT_FOUND', {
    what: `cannot find image ${JSON.stringify(reference)}`,
    why: 'there is no local image of that name or id',
    fix: 'tsbox image ls lists them',
  });
}

function asDocker({ id, repository, tag, created, bytes, author, comment, ...image }: ImageListing): object {
  const { entrypoint, cmd, env, workdir, user } = image.config;
  return {
    Id: id,
    RepoTags: [`${repository}:${tag}`],
    Created: created,
    Author: author ?? '',
    Comment: comment ?? '',
    Os: 'linux',
    Size: bytes,
    Config: {
      User: user,
      ExposedPorts: Object.fromEntries((image.exposedPorts ?? []).map((port) => [port, {}])),
      Env: env,
      Cmd: cmd.length > 0 ? cmd : null,
      WorkingDir: workdir,
      Entrypoint: entrypoint.length > 0 ? entrypoint : null,
      Labels: image.labels ?? {},
    },
  };
}
