// strftime(3) in the C locale, with glibc's flags (`_ - 0 ^ #`), widths and the modifiers E and O. Dates are whole seconds since
// 1970, of which the lower 55 bits count, as with the reference.

export interface DateParts {
  readonly year: number;
  readonly month: number; // 0..11
  readonly day: number; // 1..31
  readonly weekday: number; // 0 Sunday
  readonly yearday: number; // 0..365
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  /** Seconds since 1970 it was made of. */
  readonly epoch: bigint;
  /** Minutes east of Greenwich. */
  readonly offset: number;
  readonly zone: string;
}

const SECONDS_BITS = 55;
const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];
const DATE_MAX_S = 8_640_000_000_000; // seconds that a JavaScript date goes to

/** Calendar date of `epoch` seconds (proleptic Gregorian; days are counted by eras of 400 years). */
export function dateParts(epoch: bigint, utc: boolean): DateParts {
  const seconds = BigInt.asUintN(SECONDS_BITS, epoch);
  let offset = 0;
  let zone = 'GMT';
  if (!utc) {
    zone = 'UTC';
    if (seconds < BigInt(DATE_MAX_S)) {
      const local = new Date(Number(seconds) * 1000);
      offset = -local.getTimezoneOffset();
      zone = zoneName(local);
    }
  }
  const at = seconds + BigInt(offset * 60);
  const days = Number(at / 86_400n);
  const rest = Number(at % 86_400n);
  const shifted = days + 719_468; // days since 0000-03-01
  const era = Math.floor(shifted / 146_097);
  const doe = shifted - era * 146_097;
  const yoe = Math.floor((doe - Math.floor(doe / 1460) + Math.floor(doe / 36_524) - Math.floor(doe / 146_096)) / 365);
  const doy = doe - (365 * yoe + Math.floor(yoe / 4) - Math.floor(yoe / 100));
  const mp = Math.floor((5 * doy + 2) / 153);
  const month = mp < 10 ? mp + 2 : mp - 10;
  const year = yoe + era * 400 + (month <= 1 ? 1 : 0);
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  return {
    year,
    month,
    day: doy - Math.floor((153 * mp + 2) / 5) + 1,
    weekday: (days + 4) % 7,
    yearday: month <= 1 ? doy - 306 : doy + 59 + (leap ? 1 : 0),
    hour: Math.floor(rest / 3600),
    minute: Math.floor(rest / 60) % 60,
    second: rest % 60,
    epoch: seconds,
    offset,
    zone,
  };
}

function zoneName(local: Date): string {
  const part = new Intl.DateTimeFormat('en-US', { timeZoneName: 'short' })
    .formatToParts(local)
    .find((p) => p.type === 'timeZoneName');
  return part?.value ?? 'UTC';
}

/** ISO 8601 week and the year that it belongs to. */
function isoWeek(d: DateParts): { year: number; week: number } {
  const monday = (d.weekday + 6) % 7;
  const week = Math.floor((d.yearday - monday + 10) / 7);
  if (week < 1) return { year: d.year - 1, week: weeksOf(d.year - 1) };
  if (week > weeksOf(d.year)) return { year: d.year + 1, week: 1 };
  return { year: d.year, week };
}

function weeksOf(year: number): number {
  const jan1 = (y: number): number => (y + Math.floor(y / 4) - Math.floor(y / 100) + Math.floor(y / 400)) % 7; // weekday of 31 December
  return jan1(year) === 4 || jan1(year - 1) === 3 ? 53 : 52;
}

interface Field {
  readonly text: string;
  /** Numbers: width and filling without flags; 0 for texts. */
  readonly width: number;
  readonly fill: string;
}

function num(value: number | bigint, width: number, fill = '0'): Field {
  return { text: String(value), width, fill };
}

function word(text: string): Field {
  return { text, width: 0, fill: ' ' };
}

function zoneOffset(minutes: number): string {
  const m = Math.abs(minutes);
  const digits = `${String(Math.floor(m / 60)).padStart(2, '0')}${String(m % 60).padStart(2, '0')}`;
  return (minutes < 0 ? '-' : '+') + digits;
}

/** Fields by letter; null for a letter that means nothing. */
function field(letter: string, d: DateParts): Field | null {
  const again = (format: string): Field => word(format.replace(/%(.)/g, (_, c: string) => render(c, d)));
  const hour12 = d.hour % 12 === 0 ? 12 : d.hour % 12;
  switch (letter) {
    case 'a':
      return word(DAYS[d.weekday]!.slice(0, 3));
    case 'A':
      return word(DAYS[d.weekday]!);
    case 'b':
    case 'h':
      return word(MONTHS[d.month]!.slice(0, 3));
    case 'B':
      return word(MONTHS[d.month]!);
    case 'c':
      return again('%a %b %e %H:%M:%S %Y');
    case 'C':
      return num(Math.floor(d.year / 100), 2);
    case 'd':
      return num(d.day, 2);
    case 'D':
    case 'x':
      return again('%m/%d/%y');
    case 'e':
      return num(d.day, 2, ' ');
    case 'F':
      return again('%Y-%m-%d');
    case 'g':
      return num(isoWeek(d).year % 100, 2);
    case 'G':
      return num(isoWeek(d).year, 1);
    case 'H':
      return num(d.hour, 2);
    case 'I':
      return num(hour12, 2);
    case 'j':
      return num(d.yearday + 1, 3);
    case 'k':
      return num(d.hour, 2, ' ');
    case 'l':
      return num(hour12, 2, ' ');
    case 'm':
      return num(d.month + 1, 2);
    case 'M':
      return num(d.minute, 2);
    case 'n':
      return word('\n');
    case 'p':
      return word(d.hour < 12 ? 'AM' : 'PM');
    case 'P':
      return word(d.hour < 12 ? 'am' : 'pm');
    case 'r':
      return again('%I:%M:%S %p');
    case 'R':
      return again('%H:%M');
    case 's':
      return num(d.epoch, 1);
    case 'S':
      return num(d.second, 2);
    case 't':
      return word('\t');
    case 'T':
    case 'X':
      return again('%H:%M:%S');
    case 'u':
      return num(d.weekday === 0 ? 7 : d.weekday, 1);
    case 'U':
      return num(Math.floor((d.yearday + 7 - d.weekday) / 7), 2);
    case 'V':
      return num(isoWeek(d).week, 2);
    case 'w':
      return num(d.weekday, 1);
    case 'W':
      return num(Math.floor((d.yearday + 7 - ((d.weekday + 6) % 7)) / 7), 2);
    case 'y':
      return num(d.year % 100, 2);
    case 'Y':
      return num(d.year, 1);
    case 'z':
      return word(zoneOffset(d.offset));
    case 'Z':
      return word(d.zone);
    case '%':
      return word('%');
    default:
      return null;
  }
}

function render(letter: string, d: DateParts): string {
  const f = field(letter, d);
  return f === null ? `%${letter}` : f.text.padStart(f.width, f.fill);
}

const CONVERSION = /%([_\-0^#]*)([0-9]*)([EO]?)([^])/g;

/** `format` (binary string) for `epoch`; what is no conversion stays as it is. */
export function strftime(format: string, epoch: bigint, utc: boolean): string {
  const d = dateParts(epoch, utc);
  return format.replace(CONVERSION, (all, flags: string, width: string, _modifier: string, letter: string) => {
    const f = field(letter, d);
    if (f === null) return all;
    let text = f.text;
    let fill = f.fill;
    let least = f.width;
    for (const flag of flags) {
      if (flag === '_') fill = ' ';
      else if (flag === '0') fill = '0';
      else if (flag === '-') least = 0;
      else if (flag === '^') text = text.toUpperCase();
      else text = letter === 'Z' || letter === 'p' ? text.toLowerCase() : text.toUpperCase();
    }
    if (width !== '') least = Math.min(Number(width), 1000);
    return text.padStart(least, fill);
  });
}
