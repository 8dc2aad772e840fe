import { errnoName } from '../errno.js';
import { getSystemErrorMessage } from '../errno-message.js';

/** A netlink request that the kernel refused. `code` is the errno name, as in a SyscallError. */
export class NetlinkError extends Error {
  override readonly name = 'NetlinkError';
  readonly code: string;

  /**
   * @param request the message that failed, e.g. `RTM_NEWLINK tsbox0`
   * @param errno positive errno number
   * @param kernelText the kernel's explanation (NETLINK_EXT_ACK), where it gave one
   */
  constructor(
    readonly request: string,
    readonly errno: number,
    readonly kernelText?: string,
  ) {
    const words = kernelText ? `: ${kernelText}` : '';
    super(`netlink ${request}: ${errnoName(errno)} (${getSystemErrorMessage(errno)})${words}`);
    this.code = errnoName(errno);
  }
}
