// Dates of log lines (configuration manual 8.2.6: %t, %T, %Tl; header timestamps of 4.2 "log"). Texts are made once a second.
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;
const SECOND_MS = 1000;

function two(n: number): string {
  return n < 10 ? `0${n}` : String(n);
}

/** Three digits. */
export function millis(ms: number): string {
  const rest = Math.floor(ms) % SECOND_MS;
  return rest < 10 ? `00${rest}` : rest < 100 ? `0${rest}` : String(rest);
}

/** `+0100`, with `colon` `+01:00`: offset of local time at `d`. */
function offset(d: Date, colon: string): string {
  const minutes = -d.getTimezoneOffset();
  const abs = Math.abs(minutes);
  return `${minutes < 0 ? '-' : '+'}${two(Math.floor(abs / 60))}${colon}${two(abs % 60)}`;
}

/** A text that changes once a second: the last one is kept. */
function bySecond(make: (d: Date) => string): (ms: number) => string {
  let second = NaN;
  let text = '';
  return (ms) => {
    const s = Math.floor(ms / SECOND_MS);
    if (s !== second) {
      second = s;
      text = make(new Date(s * SECOND_MS));
    }
    return text;
  };
}

function local(d: Date): string {
  const date = `${two(d.getDate())}/${MONTHS[d.getMonth()]!}/${d.getFullYear()}`;
  return `${date}:${two(d.getHours())}:${two(d.getMinutes())}:${two(d.getSeconds())}`;
}

const localSecond = bySecond(local);

/** `06/Feb/2009:12:12:51.443`, local time (%t). `ms`: since 1970. */
export function logDate(ms: number): string {
  return `${localSecond(ms)}.${millis(ms)}`;
}

/** `06/Feb/2009:12:12:51 +0100`, local time (%Tl). */
export const logDateLocal = bySecond((d) => `${local(d)} ${offset(d, '')}`);

/** `06/Feb/2009:11:12:51 +0000` (%T). */
export const logDateGmt = bySecond((d) => {
  const date = `${two(d.getUTCDate())}/${MONTHS[d.getUTCMonth()]!}/${d.getUTCFullYear()}`;
  return `${date}:${two(d.getUTCHours())}:${two(d.getUTCMinutes())}:${two(d.getUTCSeconds())} +0000`;
});

/** `Feb  6 12:12:51`, local time: RFC 3164 §4.1.2. */
export const logDate3164 = bySecond((d) => {
  const day = d.getDate();
  const date = `${MONTHS[d.getMonth()]!} ${day < 10 ? ' ' : ''}${day}`;
  return `${date} ${two(d.getHours())}:${two(d.getMinutes())}:${two(d.getSeconds())}`;
});

const iso = bySecond((d) => {
  const date = `${d.getFullYear()}-${two(d.getMonth() + 1)}-${two(d.getDate())}`;
  return `${date}T${two(d.getHours())}:${two(d.getMinutes())}:${two(d.getSeconds())}`;
});
const isoOffset = bySecond((d) => offset(d, ':'));

/** `2009-02-06T12:12:51.443000+01:00`, local time: RFC 5424 §6.2.3, microseconds as far as the clock has them. */
export function logDateIso(ms: number): string {
  const micros = Math.floor((ms - Math.floor(ms)) * SECOND_MS);
  return `${iso(ms)}.${millis(ms)}${String(micros).padStart(3, '0')}${isoOffset(ms)}`;
}
