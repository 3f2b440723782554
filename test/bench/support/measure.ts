// Measures a small piece of work: rounds of about a tenth of a second, after a warm-up, as nanoseconds for each operation.
import process from 'node:process';

const ROUNDS = 7;
const ROUND_NS = 100_000_000n;

/** What the optimizer must not remove: results go in here. */
export const sink = { value: 0 };

/** `work(n)` does `n` operations and returns a number that depends on them. Prints the median and the range of the rounds. */
export function measure(name: string, work: (n: number) => number): void {
  let n = 1000;
  for (;;) {
    const started = process.hrtime.bigint();
    sink.value += work(n);
    const took = process.hrtime.bigint() - started;
    if (took > ROUND_NS / 2n) break;
    n *= 2;
  }
  const rounds: number[] = [];
  for (let i = 0; i < ROUNDS; i++) {
    const started = process.hrtime.bigint();
    sink.value += work(n);
    rounds.push(Number(process.hrtime.bigint() - started) / n);
  }
  rounds.sort((a, b) => a - b);
  const text = (ns: number): string => ns.toFixed(2).padStart(9);
  console.log(
    `${name.padEnd(44)} ${text(rounds[ROUNDS >> 1]!)} ns  (${rounds[0]!.toFixed(2)} to ${rounds.at(-1)!.toFixed(2)})`,
  );
}
