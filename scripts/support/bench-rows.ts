// The rows of the benchmark table: what is run, and what it shall cost against the peer. CPU rows are ratios (sluice / peer, of
// all the proxy's threads' CPU for each unit of work); the idle row is sluice's own memory for each connection.

export type BenchTransport = 'epoll' | 'uring';

export interface Target {
  /** What a release needs. */
  readonly gate: number;
  /** What we are here for. */
  readonly goal: number;
}

export interface Row {
  readonly key: string;
  readonly title: string;
  readonly scenario: string;
  readonly sets: readonly string[];
  /** `ratio`: against the peer; `kib`: KiB of sluice for each connection. */
  readonly figure: 'ratio' | 'kib';
  readonly targets: Readonly<Partial<Record<BenchTransport, Target>>>;
}

const target = (gate: number, goal: number): Target => ({ gate, goal });

export const ROWS: readonly Row[] = [
  {
    key: 'splice',
    title: 'tcp-bulk, `splice=on`',
    scenario: 'tcp-bulk',
    sets: ['splice=on'],
    figure: 'ratio',
    targets: { epoll: target(0.7, 0.6), uring: target(0.75, 0.6) },
  },
  {
    // Both get the same file; the line is what HAProxy needs to have 1 MiB pipes too.
    key: 'splice-1m',
    title: 'tcp-bulk, `splice=on`, `tune.pipesize 1048576`',
    scenario: 'tcp-bulk',
    sets: ['splice=on', 'global=tune.pipesize 1048576'],
    figure: 'ratio',
    targets: { epoll: target(1.05, 0.95) },
  },
  {
    key: 'copy',
    title: 'tcp-bulk, `splice=off`',
    scenario: 'tcp-bulk',
    sets: ['splice=off'],
    figure: 'ratio',
    targets: { epoll: target(0.7, 0.5), uring: target(0.8, 0.6) },
  },
  {
    key: 'rr',
    title: 'tcp-rr',
    scenario: 'tcp-rr',
    sets: [],
    figure: 'ratio',
    targets: { epoll: target(1.1, 0.95), uring: target(1.0, 0.85) },
  },
  {
    key: 'crr',
    title: 'tcp-crr',
    scenario: 'tcp-crr',
    sets: [],
    figure: 'ratio',
    targets: { epoll: target(1.1, 0.95), uring: target(1.0, 0.85) },
  },
  {
    key: 'idle',
    title: 'idle, KiB for each connection',
    scenario: 'idle',
    sets: [],
    figure: 'kib',
    targets: { epoll: target(3.3, 2), uring: target(3.3, 2) },
  },
];

/** The last line of a comparison. */
export interface Comparison {
  readonly figure: string;
  readonly median_A: number;
  readonly median_B: number;
  readonly ratio: number;
  readonly ratio_min: number;
  readonly ratio_max: number;
  readonly rate_ratio: number | null;
}

const UNITS: Readonly<Record<string, readonly [string, number]>> = {
  cpu_s_per_GiB: ['s/GiB', 3],
  cpu_us_per_unit: ['us', 2],
  rss_bytes_per_conn: ['B', 0],
};

function amount(value: number, figure: string): string {
  const [unit, digits] = UNITS[figure] ?? [figure, 3];
  return `${value.toFixed(digits)} ${unit}`;
}

export const TABLE_HEAD =
  '| scenario | transport | sluice | peer | sluice / peer (pairs) | gate | goal | reached |\n|---|---|---|---|---|---|---|---|';

/** One line of the table. `disturbed` is the number of runs that other programs disturbed, `errors` those of the loads. */
export function tableLine(
  row: Row,
  transport: BenchTransport,
  c: Comparison,
  disturbed: number,
  errors: number,
): string {
  const reached = row.figure === 'ratio' ? c.ratio : c.median_A / 1024;
  const aim = row.targets[transport];
  const verdict = aim === undefined ? '-' : reached <= aim.goal ? 'goal' : reached <= aim.gate ? 'gate' : '**no**';
  const notes = [disturbed > 0 ? `${disturbed} disturbed` : '', errors > 0 ? `${errors} errors` : ''].filter(
    (text) => text !== '',
  );
  const cells = [
    row.title,
    transport,
    amount(c.median_A, c.figure),
    amount(c.median_B, c.figure),
    `${c.ratio.toFixed(3)} (${c.ratio_min.toFixed(2)} to ${c.ratio_max.toFixed(2)})`,
    aim === undefined ? '-' : aim.gate.toFixed(2),
    aim === undefined ? '-' : aim.goal.toFixed(2),
    notes.length === 0 ? verdict : `${verdict}; ${notes.join(', ')}`,
  ];
  return `| ${cells.join(' | ')} |`;
}
