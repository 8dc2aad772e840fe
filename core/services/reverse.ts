interface Depending {
  readonly name: string;
  readonly dependsOn: readonly string[];
}

/**
 * Does something to each service when it is done to all that wait for it; side by side where it can be.
 * @param services in the order in which they were started
 * @returns the failures: one does not keep the others from their turn
 */
export async function inReverseOrder<Service extends Depending>(
  services: readonly Service[],
  act: (service: Service) => Promise<void>,
): Promise<Error[]> {
  const failures: Error[] = [];
  const done = new Map<Service, Promise<void>>();
  // From the last: whoever waits for a service is later in the order than that.
  for (const service of services.toReversed()) {
    const users = [...done].filter(([other]) => other.dependsOn.includes(service.name)).map(([, end]) => end);
    const own = Promise.all(users)
      .then(() => act(service))
      .catch((error: Error) => void failures.push(error));
    done.set(service, own);
  }
  await Promise.all(done.values());
  return failures;
}
