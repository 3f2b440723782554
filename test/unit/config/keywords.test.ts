// The keyword tables as tables: complete against the reference's manual, and without contradictions.

import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { SEC_BACKEND, SEC_DEFAULTS, SEC_FRONTEND, SEC_LISTEN } from '../../../src/config/keyword.js';
import { sectionKeywords } from '../../../src/config/keywords/other-sections.js';
import { keywordTables } from '../../../src/config/keywords/tables.js';
import { LIMITS } from '../../../src/sys/limits.js';

const manualPath = '/usr/share/doc/haproxy/configuration.txt.gz';
const manual = existsSync(manualPath) ? gunzipSync(readFileSync(manualPath)).toString('utf8') : '';
if (manual === '') console.log('the manual of haproxy is not installed: the tables are not compared with it');

function part(from: RegExp, to: RegExp): string {
  const start = manual.slice(1 + manual.search(new RegExp(`\\n${from.source}\\n-{5}`)));
  return start.slice(0, 20 + start.slice(20).search(new RegExp(`\\n${to.source}\\n-{5}`)));
}

test('no keyword stands twice in a table, and each says its syntax', () => {
  const { global, proxy, bind, server } = keywordTables;
  for (const table of [global, proxy, bind, server]) {
    const words = table.map((k) => k.words);
    assert.deepEqual(
      words.filter((w, i) => words.indexOf(w) !== i),
      [],
    );
    for (const k of table) assert.ok(k.syntax.startsWith(k.words) || k.words === 'usesrc', k.words);
  }
});

test('what is implemented can be read, and what is not has its status alone', () => {
  const { global, proxy, bind, server } = keywordTables;
  for (const k of [...global, ...proxy, ...bind, ...server]) {
    if (k.status === 'implemented' || k.status === 'removed') assert.ok(k.parse !== null, k.words);
  }
});

test("every keyword of the manual's matrix of proxies is in the table", () => {
  if (manual === '') return;
  const text = part(/4\.1\. Proxy keywords matrix/, /4\.2\. Alphabetically sorted keywords reference/);
  const rows = text.split('\n').filter((l) => /^[a-z].*\s[X-]( \(!\))?\s+[X-]\s+[X-]\s+[X-]\s*$/.test(l));
  assert.ok(rows.length > 150, `rows read: ${rows.length}`);
  const known = keywordTables.proxy.map((k) => k.words);
  const missing = rows
    .map((l) =>
      l
        .replace(/\((\*|deprecated)\).*$/, '')
        .replace(/\s{2,}.*$/, '')
        .trim(),
    )
    .filter((w) => {
      const [a, b, c] = w.split(' ');
      return ![a!, `${a!} ${b ?? ''}`, `${a!} ${b ?? ''} ${c ?? ''}`].some((x) => known.includes(x.trim()));
    });
  assert.deepEqual(missing, []);
});

test("the sections of each keyword are those of the manual's matrix", () => {
  if (manual === '') return;
  const text = part(/4\.1\. Proxy keywords matrix/, /4\.2\. Alphabetically sorted keywords reference/);
  const rows = [
    ...text.matchAll(/^([a-z][\w -]*?)\s+(?:\(\*\)|\(deprecated\))?\s+(X|-)( \(!\))?\s+(X|-)\s+(X|-)\s+(X|-)$/gm),
  ];
  assert.ok(rows.length > 150, `rows read: ${rows.length}`);
  const wrong: string[] = [];
  for (const [, words = '', defaults, , frontend, listen, backend] of rows) {
    const [a, b] = words.split(' ');
    const entry = [words, `${a!} ${b ?? ''}`, a!]
      .map((w) => keywordTables.proxy.find((k) => k.words === w))
      .find((k) => k !== undefined);
    const expected =
      (defaults === 'X' ? SEC_DEFAULTS : 0) |
      (frontend === 'X' ? SEC_FRONTEND : 0) |
      (listen === 'X' ? SEC_LISTEN : 0) |
      (backend === 'X' ? SEC_BACKEND : 0);
    if (entry?.sections !== expected) wrong.push(words);
  }
  assert.deepEqual(wrong, []);
});

test("every keyword of the manual's list for the global section is in the table", () => {
  if (manual === '') return;
  const text = part(/3\. Global parameters/, /3\.1\. Process management and security/);
  const listed = [...text.matchAll(/^ {3}- ([\w.-]+)/gm)].map((m) => m[1]!);
  assert.ok(listed.length > 140, `read: ${listed.length}`);
  const known = new Set(keywordTables.global.map((k) => k.words.split(' ')[0]));
  assert.deepEqual(
    listed.filter((w) => !known.has(w)),
    [],
  );
});

test("every option of the manual's bind and server lines is in its table", () => {
  if (manual === '') return;
  const first = (text: string): string[] => [
    ...new Set([...text.matchAll(/^([a-z][a-z0-9-]+)( [<[{].*| listeners)?$/gm)].map((m) => m[1]!)),
  ];
  const bind = first(part(/5\.1\. Bind options/, /5\.2\. Server and default-server options/));
  const server = first(
    part(/5\.2\. Server and default-server options/, /5\.3\. Server IP address resolution using DNS/),
  );
  assert.ok(bind.length > 50 && server.length > 80, `read: ${bind.length}, ${server.length}`);
  const inBind = new Set(keywordTables.bind.map((k) => k.words));
  const inServer = new Set(keywordTables.server.map((k) => k.words));
  assert.deepEqual(
    bind.filter((w) => !inBind.has(w)),
    [],
  );
  assert.deepEqual(
    server.filter((w) => !inServer.has(w)),
    [],
  );
});

test("every keyword of the manual's other sections is in the table", () => {
  if (manual === '') return;
  const chapters: readonly (readonly [section: string, from: RegExp, to: RegExp])[] = [
    ['userlist', /3\.4\. Userlists/, /3\.5\. Peers/],
    ['peers', /3\.5\. Peers/, /3\.6\. Mailers/],
    ['mailers', /3\.6\. Mailers/, /3\.7\. Programs/],
    ['program', /3\.7\. Programs/, /3\.8\. HTTP-errors/],
    ['http-errors', /3\.8\. HTTP-errors/, /3\.9\. Rings/],
    ['ring', /3\.9\. Rings/, /3\.10\. Log forwarding/],
    ['log-forward', /3\.10\. Log forwarding/, /4\. Proxies/],
    ['resolvers', /5\.3\.2\. The resolvers section/, /6\. Cache/],
    ['cache', /6\.2\.1\. Cache section/, /6\.2\.2\. Proxy section/],
    ['fcgi-app', /10\.1\.1\. Fcgi-app section/, /10\.1\.2\. Proxy section/],
  ];
  const missing: string[] = [];
  for (const [section, from, to] of chapters) {
    // Headings stand at the margin with blank lines or other headings around, and what they say is set in.
    const lines = part(from, to).split('\n');
    const words = lines
      .filter(
        (l, i) =>
          /^[a-z][\w-]*( |$)/.test(l) &&
          /^(\s|$|[a-z-]+ [<o])/.test(lines[i + 1] ?? '') &&
          (lines[i - 1] === '' || /^(no )?[a-z]\S* [<{[a-z]/.test(lines[i - 1]!)),
      )
      .filter((l) => !/\b(the|is|are|to|of|and|a|each)\b/.test(l))
      .map((l) => l.replace(/^no /, '').split(/[ ]/)[0]!);
    assert.ok(words.length >= 2, `${section}: ${words.join(' ')}`);
    const known = new Set(sectionKeywords.filter((k) => k.section === section).map((k) => k.words.split(' ')[0]));
    missing.push(...words.filter((w) => !known.has(w)).map((w) => `${section} ${w}`));
  }
  assert.deepEqual(missing, []);
  for (const section of keywordTables.laterSections)
    assert.ok(
      sectionKeywords.some((k) => k.section === section),
      section,
    );
});

test('C31 every limited word exists in the table that it is said to be in', () => {
  const words = {
    bind: keywordTables.bind.map((k) => k.words),
    server: keywordTables.server.map((k) => k.words),
    proxy: keywordTables.proxy.map((k) => k.words),
    global: keywordTables.global.map((k) => k.words),
    option: keywordTables.proxy.map((k) => k.words.replace(/^option /, '')),
  };
  // `interface` and `usesrc` belong to `source`, and address families to addresses.
  const partOf = new Set(['server interface', 'proxy interface', 'proxy usesrc', 'bind abns@', 'server abns@']);
  for (const l of LIMITS) {
    assert.ok(words[l.where].includes(l.word) || partOf.has(`${l.where} ${l.word}`), `${l.where} ${l.word}`);
  }
});

test('what nobody acts on is not said to be implemented', () => {
  assert.deepEqual(
    sectionKeywords.filter((k) => k.later).map((k) => `${k.section} ${k.words}`),
    ['ring backing-file'],
  );
  const { global, proxy, bind, server } = keywordTables;
  const status = (table: readonly { words: string; status: string }[], words: string): string =>
    table.find((k) => k.words === words)?.status ?? 'missing';
  for (const w of ['daemon', 'grace']) assert.equal(status(global, w), 'later', w);
  for (const w of ['spread-checks', 'tune.recv_enough', 'tune.maxpollevents', 'tune.idletimer'])
    assert.equal(status(global, w), 'notice', w);
  for (const w of ['option tcp-smart-accept', 'timeout check']) assert.equal(status(proxy, w), 'notice', w);
  assert.equal(status(bind, 'expose-fd'), 'notice');
  for (const w of ['inter', 'rise', 'fall', 'pool-max-conn']) assert.equal(status(server, w), 'notice', w);
});
