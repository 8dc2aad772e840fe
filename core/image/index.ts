/** Images for now: the host, directories, tar files, and trees made of the host's programs. */
export { type CommandSpec, resolveCommand } from './command.js';
export { imageFromHost, type ImageFromHostRequest, type MadeImage } from './from-host/image-from-host.js';
export { resolveUser, type ResolvedUser } from './passwd.js';
export { type ImageContext, resolveImage } from './resolve.js';
export { sweepStaging } from './staging.js';
export { imagesDirectory, type ImageListing, listImages, removeImage } from './store.js';
