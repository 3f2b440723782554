// `sample <ranges>:<size>`: which messages of each batch of `size` go to a target (configuration manual 4.2, "log").

export class LogSample {
  private readonly taken: Uint8Array;
  private next = 0;

  /** `text` as the parser took it: `1-2,4:5`. */
  constructor(text: string) {
    const [ranges = '', size = '1'] = text.split(':');
    this.taken = new Uint8Array(Number(size));
    for (const range of ranges.split(',')) {
      if (range === '') continue;
      const [low = '1', high = low] = range.split('-');
      this.taken.fill(1, Number(low) - 1, Number(high));
    }
  }

  /** Counts one message; true when it is one of those that go out. */
  take(): boolean {
    const hit = this.taken[this.next] === 1;
    this.next = this.next + 1 === this.taken.length ? 0 : this.next + 1;
    return hit;
  }
}
