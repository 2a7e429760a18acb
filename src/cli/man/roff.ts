/** Text as man(7) takes it: what would be markup is escaped, and what is not ASCII has its name. */

const NAMED: Readonly<Record<string, string>> = {
  '\\': '\\e',
  '-': '\\-',
  '…': '\\&...',
  '—': '\\(em',
  '–': '\\(en',
  '’': '\\(cq',
  '“': '\\(lq',
  '”': '\\(rq',
  '·': '\\(md',
  '→': '\\(->',
  "'": '\\(aq',
  '`': '\\(ga',
  '^': '\\(ha',
  '~': '\\(ti',
  '"': '\\(dq',
};

export function escaped(text: string): string {
  return text.replace(/[\\…—–’“”·→'`^~"-]/g, mark => NAMED[mark] ?? mark).replace(/^(?=\.)/gm, '\\&');
}

export function bold(text: string): string {
  return `\\fB${escaped(text)}\\fR`;
}

export function section(name: string): string {
  return `.SH ${name.toUpperCase()}`;
}

export function subsection(name: string): string {
  return `.SS ${escaped(name)}`;
}

/** A term and what it means. */
export function entry(term: string, meaning: string): string {
  return `.TP\n${term}\n${escaped(meaning)}`;
}

export function paragraph(text: string): string {
  return `.PP\n${escaped(text)}`;
}

/** Lines as they are. */
export function example(lines: readonly string[]): string {
  return ['.PP', '.RS 4', '.nf', ...lines.map(escaped), '.fi', '.RE'].join('\n');
}
