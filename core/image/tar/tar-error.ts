/** An archive that is not one, or that ends too early; the message says why in a few words. */
export class TarError extends Error {
  override readonly name = 'TarError';
}
