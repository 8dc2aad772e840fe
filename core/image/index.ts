/** Images for now: the host, directories, tar files, and trees made of the host's programs. */
export { type CommandSpec, resolveCommand } from './command.js';
export { type ImageFromHostRequest, imageFromHost, type MadeImage } from './from-host/image-from-host.js';
export { type ResolvedUser, resolveUser } from './passwd.js';
export { type ImageContext, resolveImage } from './resolve.js';
export { sweepStaging } from './staging.js';
export { type ImageListing, imagesDirectory, listImages, removeImage } from './store.js';
