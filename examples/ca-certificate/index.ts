import { X509Certificate } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import type { Launch } from 'tsbox/plugin';
import { definePlugin, TsboxError } from 'tsbox/plugin';

/** Where distributions keep what their programs trust: Debian and Alpine, Fedora, openSUSE, BSD's way. */
const BUNDLES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/ssl/cert.pem',
];
/** OpenSSL and what is built on it; Node; Python's requests; curl; git. */
const VARIABLES = ['SSL_CERT_FILE', 'NODE_EXTRA_CA_CERTS', 'REQUESTS_CA_BUNDLE', 'CURL_CA_BUNDLE', 'GIT_SSL_CAINFO'];
const DIRECTORY = 'ca-certificate';

/** The bundles of the image; one of our own where it has none. */
function bundlesOf(launch: Launch): string[] {
  const found = BUNDLES.filter((path) => launch.image.readFile(path) !== undefined);
  return found.length > 0 ? found : BUNDLES.slice(0, 1);
}

const generated = (launch: Launch, index: number) => `${launch.paths.container}/${DIRECTORY}/bundle${index}.crt`;

/** @throws TsboxError unless it is a certificate, in PEM, that is valid today */
function readCertificate(path: string): string {
  const failed = (why: string, cause?: unknown) =>
    new TsboxError('ERR_TSBOX_CONFIG', {
      what: `cannot use the CA certificate ${path}`,
      why,
      fix: 'pluginOptions: { ca-certificate: { certificate: /absolute/path/of/a.pem } }',
      ...(cause !== undefined && { cause }),
    });
  try {
    const pem = readFileSync(path, 'utf8');
    const { ca, validTo } = new X509Certificate(pem);
    if (!ca) throw failed('it is no certificate authority: nothing that it signed would be trusted');
    if (Date.parse(validTo) < Date.now()) throw failed(`it was valid until ${validTo}`);
    return pem;
  } catch (error) {
    if (error instanceof TsboxError) throw error;
    throw failed(error instanceof Error ? error.message : String(error), error);
  }
}

/** What the user or the image says goes first. */
function addVariables(launch: Launch): void {
  const { env } = launch.command;
  const missing = VARIABLES.filter((name) => !env.some((pair) => pair.startsWith(`${name}=`)));
  env.push(...missing.map((name) => `${name}=${bundlesOf(launch)[0]}`));
}

export default definePlugin({
  name: 'ca-certificate',
  apiVersion: 1,
  description: 'Containers trust one more certificate authority',
  options: {
    certificate: { type: 'string', required: true, pattern: '^/', description: 'path of a CA certificate in PEM' },
  },
  validate: (_, { certificate }) => void readCertificate(certificate),
  hooks: {
    // Into the container's own directory: the image is never written to.
    preClone: async ({ launch, options }) => {
      const certificate = readCertificate(options.certificate);
      await launch.directories(DIRECTORY);
      for (const [index, bundle] of bundlesOf(launch).entries()) {
        const path = generated(launch, index);
        const text = `${launch.image.readFile(bundle) ?? ''}\n${certificate}`;
        const run = () => writeFileSync(path, text, { mode: 0o644 });
        await launch.step({ action: 'write', target: `${path}, for ${bundle}`, run });
      }
      addVariables(launch);
    },
    childSetup: {
      after: 'mounts',
      handler: ({ launch, child }) => {
        for (const [index, bundle] of bundlesOf(launch).entries())
          child.bind(generated(launch, index), bundle, { readOnly: true, kind: 'file' });
      },
    },
    // A process of `exec` has the environment of its own launch.
    preExec: ({ launch }) => {
      if (launch.entering) addVariables(launch);
    },
  },
});
