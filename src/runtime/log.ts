// Messages of the process itself, for the library and the subcommands: one JSON object a line on stderr, through pino, which is
// loaded when somebody wants them. The HAProxy command line prints HAProxy's lines, and sessions are logged by observe/log.
import type { LogLine, ProcessLogLevel } from '../extend/types.js';

export const PROCESS_LOG_LEVELS: readonly ProcessLogLevel[] = ['silent', 'error', 'warn', 'info', 'debug'];

/** Takes messages; `fields` become members of the object. */
export interface ProcessLog {
  error(message: string, fields?: object): void;
  warn(message: string, fields?: object): void;
  info(message: string, fields?: object): void;
}

const SILENT: ProcessLog = { error: () => undefined, warn: () => undefined, info: () => undefined };
const STDERR = 2;

/** The log of `name`, from `level` on. */
export async function openProcessLog(level: ProcessLogLevel, name: string, fd = STDERR): Promise<ProcessLog> {
  if (level === 'silent') return SILENT;
  const { pino } = await import('pino');
  const log = pino({ level, name }, pino.destination({ dest: fd, sync: true }));
  return {
    error: (message, fields = {}) => {
      log.error(fields, message);
    },
    warn: (message, fields = {}) => {
      log.warn(fields, message);
    },
    info: (message, fields = {}) => {
      log.info(fields, message);
    },
  };
}

/** A line of the library in it; a report of the configuration says where it stands. */
export function logLibraryLine(log: ProcessLog, line: LogLine): void {
  const position = line.report?.position ?? null;
  const fields = position === null ? {} : { file: position.file, line: position.line, column: position.column };
  if (line.level === 'error') log.error(line.message, fields);
  else if (line.level === 'warning') log.warn(line.message, fields);
  else log.info(line.message, fields);
}
