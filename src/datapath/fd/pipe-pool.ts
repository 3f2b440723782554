// Pooled pipes for splicing, in two sizes: normal, and bulk for flows that prove to be large. A pipe that still holds bytes
// is closed, never pooled (C11). `maxpipes` bounds how many exist; unprivileged users are capped by the kernel too
// (fs.pipe-user-pages-soft), then new pipes come small and growing one fails: both are fine, the size is what we got.
import { bugOn } from '../../base/bug.js';
import type { Sys } from '../../sys/types.js';

export class Pipe {
  readonly rfd: number;
  readonly wfd: number;
  readonly size: number; // bytes, as the system gave
  readonly bulk: boolean;
  data = 0; // bytes inside

  constructor(rfd: number, wfd: number, size: number, bulk: boolean) {
    this.rfd = rfd;
    this.wfd = wfd;
    this.size = size;
    this.bulk = bulk;
  }
}

const CACHED_MAX = 64; // free pipes of a size kept

export class PipePool {
  private readonly sys: Sys;
  private readonly normal: Pipe[] = [];
  private readonly large: Pipe[] = [];
  /** Bytes asked for; 0: as the system gives (`tune.pipesize`). */
  normalBytes = 262144;
  bulkBytes = 1048576;
  /** Most pipes that may exist (`maxpipes`). */
  max = 1024;
  /** Pipes that exist, and those of them that are in use. */
  total = 0;
  used = 0;
  failed = 0;

  constructor(sys: Sys) {
    this.sys = sys;
  }

  get free(): number {
    return this.normal.length + this.large.length;
  }

  /** An empty pipe, or null when there is none to be had: the caller copies instead. */
  get(bulk: boolean): Pipe | null {
    const pipe = (bulk ? this.large : this.normal).pop() ?? this.make(bulk);
    if (pipe === null) return null;
    bugOn(pipe.data !== 0, 'pipe pool: a pooled pipe holds bytes');
    this.used++;
    return pipe;
  }

  put(pipe: Pipe): void {
    this.used--;
    const list = pipe.bulk ? this.large : this.normal;
    if (pipe.data !== 0 || list.length >= CACHED_MAX) {
      this.closePipe(pipe);
      return;
    }
    list.push(pipe);
  }

  /** Closes the free pipes. */
  trim(): void {
    for (const list of [this.normal, this.large])
      for (let p = list.pop(); p !== undefined; p = list.pop()) this.closePipe(p);
  }

  private make(bulk: boolean): Pipe | null {
    if (this.total >= this.max) {
      const spare = (bulk ? this.normal : this.large).pop();
      if (spare !== undefined) return spare; // the other size serves as well
      this.failed++;
      return null;
    }
    if (this.sys.pipe(bulk ? this.bulkBytes : this.normalBytes) < 0) {
      this.failed++;
      return null;
    }
    this.total++;
    const ret = this.sys.ret;
    return new Pipe(ret[0]!, ret[1]!, ret[2]!, bulk);
  }

  private closePipe(pipe: Pipe): void {
    this.sys.closeRaw(pipe.rfd);
    this.sys.closeRaw(pipe.wfd);
    this.total--;
  }
}
