// Counters of proxies, listeners and servers: Float64 cells, so that totals neither box nor wrap. Names follow the columns of
// `show stat` (management manual 9.1).
export const CNT_SCUR = 0; // sessions now
export const CNT_SMAX = 1; // most sessions at a time
export const CNT_STOT = 2; // sessions ever
export const CNT_BIN = 3; // bytes from the client
export const CNT_BOUT = 4; // bytes to the client
export const CNT_DREQ = 5; // requests denied
export const CNT_DRESP = 6; // responses denied
export const CNT_EREQ = 7; // request errors
export const CNT_ECON = 8; // connect errors
export const CNT_ERESP = 9; // response errors
export const CNT_WRETR = 10; // retries
export const CNT_WREDIS = 11; // redispatches
export const CNT_QCUR = 12; // queued now
export const CNT_QMAX = 13; // most queued at a time
export const CNT_LBTOT = 14; // chosen by load balancing
export const CNT_CLI_ABRT = 15; // aborted by the client
export const CNT_SRV_ABRT = 16; // aborted by the server
export const CNT_CONN_TOT = 17; // connections ever
export const CNT_CONNECT = 18; // connection attempts to servers
export const CNT_DCON = 19; // connections denied
export const CNT_DSES = 20; // sessions denied
export const CNT_EINT = 21; // sessions ended by an internal error
export const CNT_COUNT = 22;

// Times of sessions in milliseconds (`qtime`, `ctime`, `rtime`, `ttime` of `show stat`).
const TIMES = 4;
const TIMES_SAMPLES = 1024; // averages are over that many sessions

export class Counters {
  readonly v = new Float64Array(CNT_COUNT);
  /** Sums of the last sessions' times in the order above, and the longest ones. */
  private readonly timeSums = new Float64Array(TIMES);
  private readonly timeMax = new Float64Array(TIMES);

  /** One more session. */
  enter(): void {
    this.v[CNT_STOT]!++;
    this.come();
  }

  /** One more that is there, and does not count as a session yet. */
  come(): void {
    const v = this.v;
    const cur = ++v[CNT_SCUR]!;
    if (cur > v[CNT_SMAX]!) v[CNT_SMAX] = cur;
  }

  leave(): void {
    this.v[CNT_SCUR]!--;
  }

  /** A session ended that had a connection. */
  addTimes(queueMs: number, connectMs: number, responseMs: number, totalMs: number): void {
    this.addTime(0, queueMs);
    this.addTime(1, connectMs);
    this.addTime(2, responseMs);
    this.addTime(3, totalMs);
  }

  /**
   * The average of time `i` (0 queue, 1 connection, 2 response, 3 all), rounded up. As the reference divides: by the sessions
   * that load balancing chose for, those out of a queue not among them.
   */
  timeAverage(i: number): number {
    const n = Math.min(this.v[CNT_LBTOT]!, TIMES_SAMPLES);
    return n === 0 ? 0 : Math.ceil(this.timeSums[i]! / n);
  }

  timeMaximum(i: number): number {
    return this.timeMax[i]!;
  }

  private addTime(i: number, ms: number): void {
    const sum = this.timeSums[i]!;
    // Beyond the window each session takes an average one's place.
    const leaves = this.v[CNT_LBTOT]! > TIMES_SAMPLES ? Math.ceil(sum / TIMES_SAMPLES) : 0;
    this.timeSums[i] = sum - leaves + ms;
    if (ms > this.timeMax[i]!) this.timeMax[i] = ms;
  }

  /** The maxima start again from 0, also where something is going on (`clear counters`). */
  clearMax(): void {
    this.v[CNT_SMAX] = 0;
    this.v[CNT_QMAX] = 0;
    this.timeMax.fill(0);
  }

  /** Back to zero but for what is going on now (`clear counters all`). */
  clear(): void {
    const cur = this.v[CNT_SCUR]!;
    const queued = this.v[CNT_QCUR]!;
    this.v.fill(0);
    this.timeSums.fill(0);
    this.timeMax.fill(0);
    this.v[CNT_SCUR] = cur;
    this.v[CNT_QCUR] = queued;
  }
}

/** Events a second over a sliding second: two buckets, the elder weighted by what is left of it (rate columns). */
export class Rate {
  private second = 0;
  private now = 0;
  private before = 0;
  max = 0;

  tick(nowMs: number): void {
    this.roll(nowMs);
    this.now++;
    const r = this.read(nowMs);
    if (r > this.max) this.max = r;
  }

  read(nowMs: number): number {
    this.roll(nowMs);
    const left = 1 - (nowMs % 1000) / 1000;
    return Math.floor(this.now + this.before * left);
  }

  private roll(nowMs: number): void {
    const s = Math.floor(nowMs / 1000);
    if (s === this.second) return;
    this.before = s === this.second + 1 ? this.now : 0;
    this.now = 0;
    this.second = s;
  }
}
