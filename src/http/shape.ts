/** Checks what a request brings against the shapes of its route, and says in words what is wrong with it. */
import { type BaseIssue, type GenericSchema, getDotPath, safeParse } from 'valibot';
import { type Refusal, refusal } from '../chat/errors.ts';
import { clean } from '../chat/text.ts';

/** The most that an answer repeats of what was sent. */
const MOST_WORDS = 200;

/** The query as the shape makes it. Without a shape, a `strict` one is to be empty, and any other is not looked at. */
export function checkQuery(
  shape: GenericSchema | undefined,
  query: URLSearchParams,
  strict: boolean,
): unknown | Refusal {
  if (!shape && !strict) return {};
  const given = new Map<string, string>();
  const known = shape && 'entries' in shape && shape.entries;
  const names = Object.keys(known || {});
  for (const [name, value] of query) {
    if (given.has(name)) return bad(`${name} is there twice`);
    if (strict && !names.includes(name))
      return bad(
        `there is no parameter ${name} here. There is: ${names.length > 0 ? names.join(', ') : 'none'}`,
      );
    given.set(name, value);
  }
  const values = Object.fromEntries(given);
  return shape ? check(shape, values, 'the query') : values;
}

/** The body as the shape makes it. */
export function checkBody(shape: GenericSchema, body: unknown): unknown | Refusal {
  return check(shape, body, 'the body');
}

function check(shape: GenericSchema, value: unknown, what: string): unknown | Refusal {
  const { success, output, issues } = safeParse(shape, value, { abortPipeEarly: true });
  return success ? output : bad(words(issues[0], what));
}

function words(issue: BaseIssue<unknown>, what: string): string {
  const field = getDotPath(issue) ?? what;
  if (issue.received === 'undefined') return `${field} is missing`;
  if (issue.expected === 'never') return `there is no ${field} here`;
  const message = issue.message.replace(/^Invalid [^:]*: (.)/, (_, first: string) => first.toLowerCase());
  return `${field}: ${message}`;
}

/** A sentence; what is quoted in it may be anything. */
function bad(text: string): Refusal {
  const line = clean(text).replaceAll(/ {2,}/g, ' ');
  return refusal('bad-request', line.length > MOST_WORDS ? `${line.slice(0, MOST_WORDS)}…` : line);
}
