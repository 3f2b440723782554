// Counts the system calls of a native transport by going around the addon: each of its functions is one call of the kernel,
// but for the few named here. Used by the demonstration alone; nothing on the data path knows of it.
import type { Addon, NativeCalls } from '../../sys/load.js';
import type { UringAddon, UringHandle } from '../../sys/uring/types.js';

/** Functions of the addon that do not enter the kernel (the clock is read from the page that the kernel shares). */
const NO_CALL: ReadonlySet<string> = new Set(['now', 'hostTimeout', 'disown', 'hostStart', 'hostStop', 'destroy']);

type Callable = (...args: readonly unknown[]) => unknown;

export class CallCounts {
  readonly counts = new Map<string, number>();

  /** All calls so far. */
  get total(): number {
    let n = 0;
    for (const count of this.counts.values()) n += count;
    return n;
  }

  /** Copy of the counts, for a difference later. */
  snapshot(): ReadonlyMap<string, number> {
    return new Map(this.counts);
  }

  /** Calls since `before` by name, most first. */
  since(before: ReadonlyMap<string, number>): (readonly [name: string, count: number])[] {
    return [...this.counts]
      .map(([name, n]) => [name, n - (before.get(name) ?? 0)] as const)
      .filter(([, n]) => n > 0)
      .sort((a, b) => b[1] - a[1]);
  }

  /** The addon, its functions counted from now on. */
  wrap(addon: Addon): Addon {
    const wrapped: Record<string, unknown> = { ...addon };
    wrapped['open'] = (arenaBytes: number): NativeCalls | number => {
      const calls = addon.open(arenaBytes);
      return typeof calls === 'number' ? calls : this.counted(calls, '');
    };
    const ring = addon as Addon & Partial<UringAddon>;
    if (ring.uringSetup !== undefined) {
      const setup = ring.uringSetup;
      wrapped['uringSetup'] = (entries: number, cqEntries: number, flags: number): UringHandle | number => {
        const handle = setup(entries, cqEntries, flags);
        return typeof handle === 'number' ? handle : this.counted(handle, 'io_uring_');
      };
    }
    return wrapped as unknown as Addon;
  }

  private counted<T extends object>(face: T, prefix: string): T {
    const out: Record<string, unknown> = {};
    for (const [name, value] of Object.entries(face)) {
      out[name] =
        typeof value === 'function' && !NO_CALL.has(name) ? this.count(`${prefix}${name}`, value as Callable) : value;
    }
    return out as T;
  }

  private count(name: string, call: Callable): Callable {
    const { counts } = this;
    counts.set(name, 0);
    return (...args) => {
      counts.set(name, counts.get(name)! + 1);
      return call(...args);
    };
  }
}
