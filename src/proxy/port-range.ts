// Source ports of a server line (`source addr:low-high`): each is used by one connection at a time.
export class PortRange {
  private readonly free: number[] = [];

  constructor(low: number, high: number) {
    for (let port = high; port >= low; port--) this.free.push(port);
  }

  /** A free port, or 0. The one that was given back longest ago comes last, so that TIME_WAIT may pass. */
  take(): number {
    return this.free.pop() ?? 0;
  }

  release(port: number): void {
    if (port !== 0) this.free.unshift(port);
  }
}
