/**
 * Every way parley refuses something, once: a stable code and the sentence that goes with it. Dialects
 * translate the code (a `! code: sentence` line, an IRC numeric, an HTTP status); nothing else invents one.
 *
 * A refusal is data: it is thrown only to unwind to the one place that shows it (`command/run.ts`, or the
 * process edge), carries no stack, and is never a bug. Bugs are ordinary exceptions.
 */

const ERRORS = {
  // lines
  'unknown-command': (verb: string, near: string) =>
    near ? `${verb} is not a command. Did you mean: ${near}?` : `${verb} is not a command. Try: /help`,
  'missing-argument': (usage: string) => `something is missing. Usage: ${usage}`,
  'too-many-arguments': (usage: string) => `that is more than it takes. Usage: ${usage}`,
  'bad-argument': (what: string, usage: string) => `${what}. Usage: ${usage}`,
  'line-too-long': (limit: number) =>
    `that line is longer than ${limit} bytes and was not read. Send it in parts.`,
  'line-endless': (limit: number) => `more than ${limit} bytes came without a line end.`,
  'bad-utf8': () => 'that line is not UTF-8 and was not read.',
  'bad-nul': () => 'that line has a NUL byte in it and was not read.',
  'empty-text': () => 'there is nothing to say in that line.',
  'text-too-long': (limit: number) => `that text is longer than ${limit} bytes.`,
  'http-request': () => 'this port speaks chat, not HTTP. Try: nc HOST PORT',
  'tls-on-plain': () => 'TLS was spoken on the plain port.',
  'proxy-header': (why: string) => `the PROXY header is wrong: ${why}.`,
  internal: () => 'that failed inside parley; it has been logged. Nothing you said before it is lost.',

  // signing in
  'not-signed-in': () => 'take a name first: register <name>, or login <name> <password>',
  'already-signed-in': (name: string) =>
    `you are ${name} already. To be somebody else: /exit, and come back.`,
  'bad-name': (why: string) => `that name cannot be used: ${why}.`,
  'name-taken': (name: string) => `${name} is in use. Try another name, or: login ${name} <password>`,
  'name-owned': (name: string) => `${name} is an account. If it is yours: login ${name} <password>`,
  'name-of-token': (name: string) => `${name} is what a program here is called. Take another name.`,
  'no-such-name': (name: string, near: string) =>
    near
      ? `nobody here was ever called ${name}. Did you mean: ${near}?`
      : `nobody here was ever called ${name}.`,
  'no-such-account': (name: string) =>
    `there is no account called ${name}. To make one: register ${name} <password>`,
  'not-an-account': () => 'that is for accounts. To make your name one: /password <new password>',
  'not-online': (name: string) => `${name} is not online.`,
  'wrong-password': () => 'that is not the password.',
  'password-too-short': (least: number) => `a password has at least ${least} characters.`,
  'password-too-long': (most: number) => `a password has at most ${most} bytes.`,
  'no-password': (why: string) => `no password was taken: ${why}.`,
  'password-same-as-name': () => 'a password may not be the name itself.',
  'account-required': () => 'this server takes accounts only: register <name> <password>',
  'too-many-attempts': (seconds: number) => `too many sign-in attempts. Try again in ${seconds} s.`,
  'too-many-registrations': (seconds: number) =>
    `too many new names from your address. Try again in ${seconds} s.`,
  'too-many-new-rooms': (seconds: number) =>
    `too many new rooms from your address. Try again in ${seconds} s, or join one that is there: /rooms`,
  'too-many-searches': (seconds: number) => `too many searches. Try again in ${seconds} s.`,
  'too-many-messages': (seconds: number) => `too many messages. Try again in ${seconds} s.`,
  'too-many-streams': (most: number) =>
    `you follow as many rooms at once as anyone may (${most}). Close a stream first.`,
  'sign-in-timeout': (seconds: number) => `nobody signed in within ${seconds} s.`,
  'name-lost': (name: string) => `the name ${name} was taken over elsewhere. Come back and sign in again.`,
  'account-gone': (name: string) => `the account ${name} is no more.`,
  'server-banned': (who: string, reason: string) =>
    `${who} is banned from this server${reason ? `: ${reason}` : '.'}`,
  'server-kicked': (by: string, reason: string) =>
    `${by} put you off this server${reason ? `: ${reason}` : '.'}`,
  'no-such-connection': (id: string) => `there is no connection ${id}; it may have gone by itself.`,

  // rooms
  'bad-room': (why: string) => `that room name cannot be used: ${why}.`,
  'no-such-room': (room: string) => `there is no room called ${room}. To make it: /join ${room}`,
  'not-in-room': (room: string) => `you are not in ${room}. To go in: /join ${room}`,
  'no-current-room': () => 'you are in no room. To go into one: join <room>',
  'member-not-found': (name: string, room: string) => `${name} is not in ${room}.`,
  'not-operator': (room: string) => `only an operator of ${room} may do that.`,
  'bad-key': (room: string) => `${room} wants a key: /join ${room} <key>`,
  banned: (room: string, reason: string) => `you are banned from ${room}${reason ? `: ${reason}` : '.'}`,
  moderated: (room: string) => `${room} is moderated: only operators and those with a voice speak.`,
  'ban-not-found': (what: string, room: string) => `${what} is not banned from ${room}.`,
  'too-many-bans': (most: number) =>
    `this room has as many bans as it may (${most}). Lift one first: /unban <name>`,
  'too-many-rooms': (most: number) => `you are in as many rooms as anyone may be (${most}). Leave one first.`,
  'server-rooms-full': (most: number) => `this server has ${most} rooms, which is the most it takes.`,
  'rank-self': () => 'nobody changes their own rank. To give it up: /deop',
  'last-operator': (room: string) => `you are the only operator of ${room}. Make another first: /op <name>`,
  'that-is-you': (verb: string) => `that is you; ${verb} is for others.`,
  'already-in-room': (name: string, room: string) => `${name} is in ${room} already.`,

  // speaking and reading without a session
  'no-such-message': (id: string, room: string) => `there is no message ${id} in ${room}.`,
  nameless: () => 'whoever speaks needs a name: use a token or an account.',
  'several-lines': () => 'that text has several lines, and a message is one. Send them one by one.',
  'key-reused': () => 'that Idempotency-Key was used for another message. Take a new one for this one.',

  // limits
  'server-full': (most: number) =>
    `this server has ${most} connections, which is the most it takes. Try later.`,
  'address-full': (most: number) =>
    `your address has ${most} connections, which is the most. Close one first.`,
  'memory-full': () => 'this server is short of memory and takes no new connections. Try later.',
  flooding: (rate: number) => `too many lines for too long (the rate is ${rate} a second).`,
  'outbox-full': (limit: string) => `you were not reading: more than ${limit} were waiting for you.`,
  'mailbox-full': (name: string, most: number) =>
    `${name} has ${most} messages waiting, which is the most. This one was not kept.`,
  'ignore-full': (most: number) => `you ignore ${most} names already, which is the most.`,
  'hash-busy': () => 'too many people are signing in just now. Try again in a moment.',

  // HTTP
  'bad-path': (why: string) => `that path cannot be used: ${why}.`,
  'not-found': () => 'there is nothing at that path. What there is: GET /api/openapi.json',
  'wrong-method': (allowed: string) => `that path does not take this method. It takes: ${allowed}`,
  'bad-request': (what: string) => `that request is wrong: ${what}.`,
  'bad-json': (why: string) => `the body is not JSON: ${why}.`,
  'wrong-content-type': (taken: string) => `a body like that is not taken here. Send it as: ${taken}`,
  'body-too-large': (limit: number) => `the body is larger than ${limit} bytes.`,
  'sign-in-required': () =>
    'that is for accounts and tokens. Sign in, or send: Authorization: Bearer <token>',
  'bad-credentials': (why: string) => `the Authorization header cannot be used: ${why}.`,
  'bad-token': () => 'that token is not, or no longer, one of this server.',
  'token-scope': (what: string) => `that token is not for ${what}.`,
  'token-name': (name: string) =>
    `${name} is an account, and a token speaks as a name of its own. Choose another.`,
  'token-useless': (why: string) => `that token would be good for nothing: ${why}.`,
  'no-such-token': (id: string) => `there is no token ${id}. All of them: parley token list`,
  'not-server-operator': () => 'only an operator of this server may do that.',
  'local-only': () =>
    'that is done on the machine of this server, over its unix socket, and from nowhere else.',
  'bad-origin': () => 'that request came from a page of another site and was not run.',

  // the store
  'store-full': () => 'the disk is full: what you said was NOT kept and nobody saw it. Try again later.',
  'store-failed': () => 'the store failed: what you said was NOT kept and nobody saw it. Try again later.',
  'store-stalled': () =>
    'the store is not answering. What you said may yet be kept: send it again with the same Idempotency-Key, and it is said once.',
  'search-syntax': () => 'that search has no words in it. Usage: search <words>',
  'shutting-down': () => 'parley is stopping. What was said is kept; come back in a moment.',

  // starting
  'bad-setting': (what: string) => what,
  'port-in-use': (where: string, flag = '--port') =>
    `${where} is in use by another program. Stop it, or choose another: ${flag}`,
  'cannot-listen': (where: string, why: string) => `cannot listen on ${where}: ${why}`,
  'cannot-reach': (where: string, why: string) => `cannot reach parley on ${where}: ${why}`,
  'bad-certificate': (why: string) => `the certificate cannot be used: ${why}`,
  'data-in-use': (dir: string) =>
    `another parley is running on ${dir}. Stop it, or choose another: --data DIR`,
  'data-not-writable': (dir: string, why: string) =>
    `cannot keep data in ${dir} (${why}). Choose a directory: --data DIR, or keep nothing: --memory`,
  'database-newer': (file: string, theirs: number, ours: number) =>
    `${file} was written by a newer parley (format ${theirs}, this one reads ${ours}). It was not touched. Start the newer parley, or choose another directory: --data DIR`,
  'database-foreign': (file: string) =>
    `${file} is not a parley database. It was not touched. Move it away, or choose another directory: --data DIR`,
  'database-corrupt': (file: string, why: string) =>
    `${file} is damaged (${why}). It was not touched. Copy it, try: sqlite3 ${file} .recover, or restore a backup.`,
  'migration-failed': (file: string, why: string) =>
    `${file} could not be brought up to date (${why}) and is as it was. Free some disk space or report this, and start again.`,

  'not-upgraded': (why: string) => `not upgraded, the program that runs goes on: ${why}`,
  'handover-lost': (why: string) =>
    `the connections that another parley left cannot be gone on with and were closed: ${why}`,

  // the operator's command line
  'no-store': (dir: string) =>
    `there is no parley.db in ${dir} that this user may see. Name the data directory: --data DIR`,
  'file-exists': (file: string, advice: string) => `${file} is there and was not touched: ${advice}`,
  'cannot-read': (file: string, why: string) => `cannot read ${file}: ${why}.`,
  'cannot-write': (file: string, why: string) => `cannot write ${file}: ${why}.`,
  'copy-differs': (file: string, why: string) =>
    `the copy is not what ${file} holds (${why}) and was thrown away. Try again; look at the disk.`,
  'bad-import': (count: number) =>
    `nothing was added: bad lines, ${count} of them (above). Mend them, or leave them out: --skip-bad`,
} as const satisfies Record<string, (...args: never[]) => string>;

export type ErrorCode = keyof typeof ERRORS;
/** Every code there is, for counters and for the tests that hold the README to them. */
export const ERROR_CODES = Object.keys(ERRORS) as readonly ErrorCode[];

/** Refusals whose one argument is how many seconds to wait. */
const WAITS: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'too-many-attempts',
  'too-many-registrations',
  'too-many-new-rooms',
  'too-many-searches',
  'too-many-messages',
]);

/** A refused request: `code` for machines, `message` for people (one line, no code in it). */
export class Refusal {
  constructor(
    readonly code: ErrorCode,
    readonly message: string,
    /** Seconds after which the same may be asked again; null where waiting is not what helps. */
    readonly retryAfter: number | null = null,
  ) {}

  toString(): string {
    return `${this.code}: ${this.message}`;
  }
}

/** Makes the refusal for `code`; the arguments are those of its sentence. */
export function refusal<C extends ErrorCode>(code: C, ...args: Parameters<(typeof ERRORS)[C]>): Refusal {
  // The row and its arguments belong together by C; the compiler cannot follow that through the lookup.
  const sentence = ERRORS[code] as (...args: Parameters<(typeof ERRORS)[C]>) => string;
  return new Refusal(code, sentence(...args), WAITS.has(code) ? Number(args[0]) : null);
}

/** What a code says, with `…` for what differs: for the README's table. */
export function errorSentence(code: ErrorCode): string {
  // Only for reading: a mark stands in for every argument, also where that would be a number.
  const sentence = ERRORS[code] as (...marks: string[]) => string;
  return sentence(...Array.from({ length: sentence.length }, () => '…'));
}

/** What the log says of a bug: where it was. Never shown to a user. */
export function bugText(bug: unknown): string {
  return bug instanceof Error ? (bug.stack ?? bug.message) : String(bug);
}
