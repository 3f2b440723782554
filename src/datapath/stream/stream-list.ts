// The streams alive, in order of creation. Linked through the streams themselves: a Set that is filled and emptied by the
// thousand makes a new table each time the old one is full, and a table that had grown old keeps all those made after it, with
// the streams they named, until the next major collection.
import { bugOnHot } from '../../base/bug.js';
import type { Stream } from './stream.js';

export class StreamList implements Iterable<Stream> {
  size = 0;
  private head: Stream | null = null;
  private tail: Stream | null = null;

  add(s: Stream): void {
    const { tail } = this;
    s.listPrev = tail;
    if (tail === null) this.head = s;
    else tail.listNext = s;
    this.tail = s;
    this.size++;
  }

  delete(s: Stream): void {
    const { listPrev, listNext } = s;
    bugOnHot(listPrev === null && this.head !== s, 'stream: not in the list');
    if (listPrev === null) this.head = listNext;
    else listPrev.listNext = listNext;
    if (listNext === null) this.tail = listPrev;
    else listNext.listPrev = listPrev;
    s.listPrev = null;
    s.listNext = null;
    this.size--;
  }

  /** Streams may come and go while it runs: those that come are seen, a stream is seen once. */
  *[Symbol.iterator](): Generator<Stream, void, undefined> {
    let s = this.head;
    while (s !== null) {
      yield s;
      s = s.listNext ?? (s === this.tail ? null : this.after(s.id));
    }
  }

  /** The first that was made after the stream `id`, which has left the list. */
  private after(id: number): Stream | null {
    let s = this.head;
    while (s !== null && s.id <= id) s = s.listNext;
    return s;
  }
}
