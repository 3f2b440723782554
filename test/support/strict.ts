// Imported first, it makes this process a strict run: inner-loop assertions are checked (base/bug.ts).
process.env['SLUICE_STRICT'] = '1';
