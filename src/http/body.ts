/** Bodies: read within a bound, told apart by their type, never more of one in memory than its bound. */
import { Refusal, refusal } from '../chat/errors.ts';

/** Most bytes of a body whose route says nothing else. */
export const MOST_BODY: number = 64 * 1024;

/** How a body may be sent. */
export interface BodyRules {
  readonly most: number;
  /** As plain text too: what makes the body of that. */
  readonly text?: ((plain: string) => unknown) | undefined;
}

/** What `curl -d` calls what it sends: here it is text, taken as it is. */
const TEXT_TYPES: readonly string[] = ['text/plain', 'application/x-www-form-urlencoded', ''];
const JSON_TYPE = 'application/json';

/**
 * The body, its shape not yet checked; undefined where there is none. Refused with `body-too-large`,
 * `wrong-content-type`, `bad-utf8` or `bad-json`.
 */
export async function readBody(request: Request, rules: BodyRules): Promise<unknown> {
  const bytes = await readBytes(request, rules.most);
  if (bytes instanceof Refusal) return bytes;
  if (bytes.length === 0) return undefined;
  const { type, charset } = contentType(request);
  const plain = rules.text !== undefined && TEXT_TYPES.includes(type);
  const encoded = request.headers.has('content-encoding');
  if (encoded || !['', 'utf-8', 'us-ascii'].includes(charset) || !(plain || type === JSON_TYPE))
    return refusal('wrong-content-type', rules.text ? `${JSON_TYPE} or text/plain, in UTF-8` : JSON_TYPE);
  const text = decode(bytes);
  if (text === null) return refusal('bad-utf8');
  return plain ? rules.text?.(text) : parseJson(text);
}

/** Stops reading at the bound. What says its length is refused by that alone. */
async function readBytes(request: Request, most: number): Promise<Uint8Array | Refusal> {
  const tooLarge = refusal('body-too-large', most);
  if (Number(request.headers.get('content-length') ?? 0) > most) return tooLarge;
  const chunks: Uint8Array[] = [];
  let length = 0;
  const reader = request.body?.getReader();
  for (;;) {
    const next = await reader?.read();
    if (!next || next.done) return Buffer.concat(chunks, length);
    length += next.value.length;
    if (length > most) {
      await reader?.cancel();
      return tooLarge;
    }
    chunks.push(next.value);
  }
}

function contentType({ headers }: Request): { readonly type: string; readonly charset: string } {
  const [type = '', ...parameters] = (headers.get('content-type') ?? '').toLowerCase().split(';');
  const charset = parameters.map(text => /^\s*charset="?([^"\s]*)"?\s*$/.exec(text)?.[1]).find(Boolean) ?? '';
  return { type: type.trim(), charset };
}

/** Null where it is not UTF-8. */
function decode(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    return refusal(
      'bad-json',
      error instanceof Error ? error.message.replace(/^JSON Parse error: /, '') : '',
    );
  }
}
