/** A launch as a `config.json` of the OCI runtime specification. */

export { type OciConfig, ociConfig } from './config.js';
export { formatOci } from './format.js';
