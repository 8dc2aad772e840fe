import { type Gate, NfTables, RouteNetlink } from '../../core/plugin/index.js';

/** What this plugin says to the kernel: two netlink sockets, opened on first use. */
export class NetworkKernel {
  readonly route: RouteNetlink;
  readonly nft: NfTables;

  constructor(readonly gate: Gate) {
    this.route = new RouteNetlink(gate);
    this.nft = new NfTables(gate);
  }

  close(): void {
    this.route.close();
    this.nft.close();
  }
}
