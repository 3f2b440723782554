// Dates and durations as dumps of the runtime CLI write them.

const MONTHS: readonly string[] = [
  ...['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'],
];
const two = (n: number): string => String(n).padStart(2, '0');

/** `22/Nov/2026:01:56:14.689`: local time of `ms` since 1970. */
export function stampMs(ms: number): string {
  const d = new Date(ms);
  const time = `${two(d.getHours())}:${two(d.getMinutes())}:${two(d.getSeconds())}.${String(d.getMilliseconds()).padStart(3, '0')}`;
  return `${two(d.getDate())}/${MONTHS[d.getMonth()]!}/${d.getFullYear()}:${time}`;
}

/** Milliseconds as the reference shows them: rounded down, one unit or two. */
export function human(ms: number): string {
  if (ms < 1000) return '0s';
  const s = Math.floor(ms / 1000);
  const parts: readonly (readonly [number, string])[] = [
    [Math.floor(s / 86400), 'd'],
    [Math.floor(s / 3600) % 24, 'h'],
    [Math.floor(s / 60) % 60, 'm'],
    [s % 60, 's'],
  ];
  const from = parts.findIndex(([n]) => n > 0);
  return parts
    .slice(from, from + 2)
    .filter(([n]) => n > 0)
    .map(([n, unit]) => `${n}${unit}`)
    .join('');
}
