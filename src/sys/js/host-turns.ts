// When the rounds run inside node's own loop: once a turn at most (setImmediate) after activity, and no later than the
// time-out that the last poll named. A handle keeps the process alive between start and stop.

const TIMER_MAX_MS = 0x7fffffff;
const NEVER = -1;

export class HostTurns {
  private rounds: (() => void) | null = null;
  private alive: NodeJS.Timeout | null = null;
  private immediate: NodeJS.Immediate | null = null;
  private timer: NodeJS.Timeout | null = null;
  private timerDueMs = 0;
  private inRounds = false;
  /** What the last poll of the round in progress said. */
  private pollTimeoutMs = NEVER;
  private pollEvents = 0;
  private readonly busy: () => boolean;

  /** `busy` tells whether events wait that no poll has handed over. */
  constructor(busy: () => boolean) {
    this.busy = busy;
  }

  start(rounds: () => void): void {
    this.rounds = rounds;
    this.alive ??= setInterval(() => undefined, TIMER_MAX_MS);
    this.soon();
  }

  stop(): void {
    this.rounds = null;
    if (this.alive !== null) clearInterval(this.alive);
    if (this.immediate !== null) clearImmediate(this.immediate);
    if (this.timer !== null) clearTimeout(this.timer);
    this.alive = null;
    this.immediate = null;
    this.timer = null;
  }

  /** Rounds in this turn of the host loop or the next; calls coalesce. */
  soon(): void {
    if (this.immediate !== null || this.rounds === null || this.inRounds) return;
    this.immediate = setImmediate(() => {
      this.immediate = null;
      this.run();
    });
  }

  /** Called by each poll with its time-out and the number of events it handed over. */
  polled(timeoutMs: number, events: number): void {
    this.pollTimeoutMs = timeoutMs;
    this.pollEvents = events;
  }

  private run(): void {
    if (this.rounds === null) return;
    this.pollTimeoutMs = NEVER;
    this.pollEvents = 0;
    this.inRounds = true;
    try {
      this.rounds();
    } finally {
      this.inRounds = false;
      this.next();
    }
  }

  /** A poll that gave events or did not want to wait asks for another round at once: there may be tasks to run. */
  private next(): void {
    if (this.rounds === null) return;
    if (this.pollEvents > 0 || this.pollTimeoutMs === 0 || this.busy()) this.soon();
    else if (this.pollTimeoutMs > 0) this.arm(Math.min(this.pollTimeoutMs, TIMER_MAX_MS));
  }

  private arm(ms: number): void {
    const dueMs = performance.now() + ms;
    if (this.timer !== null) {
      if (this.timerDueMs <= dueMs) return; // earlier than asked for is only one round more
      clearTimeout(this.timer);
    }
    this.timerDueMs = dueMs;
    this.timer = setTimeout(() => {
      this.timer = null;
      this.run();
    }, ms);
  }
}
