/** Dialogs: a question with its fields, asked in the browser's own modal `<dialog>`, and short notes after. */
import { button, byId, make, setText } from './dom.ts';

export interface Field {
  readonly name: string;
  readonly label: string;
  readonly type?: 'text' | 'password';
  readonly autocomplete?: 'username' | 'current-password' | 'off';
  readonly required?: boolean;
  readonly value?: string;
  readonly hint?: string;
}

export interface Question {
  readonly title: string;
  readonly text?: string;
  readonly fields: readonly Field[];
  /** What the button says. */
  readonly confirm: string;
  readonly danger?: boolean;
  /** Does it. What it rejects with is shown, and the dialog stays. */
  run(values: Readonly<Record<string, string>>): Promise<void>;
}

let asked = 0;

/** Resolves when the dialog is gone, done or not. The focus goes back to where it was. */
export function ask(question: Question): Promise<void> {
  const id = `dialog-${++asked}`;
  const title = make('h2', '', question.title);
  title.id = `${id}-title`;
  const fault = make('p', 'fault');
  fault.role = 'alert';
  const cancel = button('Cancel', 'quiet', () => dialog.close());
  const confirm = make('button', question.danger ? 'filled danger' : 'filled', question.confirm);
  const inputs = question.fields.map((field, index) => input(field, `${id}-${index}`));
  const form = make('form', '', title);
  if (question.text) form.append(make('p', 'text', question.text));
  form.append(...inputs.map(({ element }) => element), fault, make('div', 'choices', cancel, confirm));
  const dialog = make('dialog', '', form);
  dialog.setAttribute('aria-labelledby', title.id);

  form.addEventListener('submit', async event => {
    event.preventDefault();
    if (confirm.ariaDisabled === 'true') return;
    confirm.ariaDisabled = 'true';
    setText(fault, '');
    try {
      await question.run(Object.fromEntries(inputs.map(({ name, control }) => [name, control.value])));
      dialog.close();
    } catch (error) {
      setText(fault, error instanceof Error ? error.message : String(error));
      const again = inputs.find(({ control }) => control.type === 'password') ?? inputs[0];
      again?.control.focus();
      again?.control.select();
    }
    confirm.ariaDisabled = 'false';
  });

  // A question without fields starts on the harmless answer.
  return show(dialog, inputs[0]?.control ?? cancel);
}

/** Says something that is to be read, and perhaps copied. Resolves when it was. */
export function tell(heading: string, text: string, copy: string): Promise<void> {
  const title = make('h2', '', heading);
  title.id = `dialog-${++asked}-title`;
  const done = button('Done', 'filled', () => dialog.close());
  const body = [title, make('p', 'text', text), make('code', 'copy', copy), make('div', 'choices', done)];
  const dialog = make('dialog', '', ...body);
  dialog.setAttribute('aria-labelledby', title.id);
  return show(dialog, done);
}

function show(dialog: HTMLDialogElement, first: HTMLElement): Promise<void> {
  document.body.append(dialog);
  dialog.showModal();
  first.focus();
  return new Promise(resolve => {
    dialog.addEventListener('close', () => {
      dialog.remove();
      resolve();
    });
  });
}

function input(field: Field, id: string) {
  const control = make('input');
  control.type = field.type ?? 'text';
  control.id = id;
  control.name = field.name;
  control.required = field.required ?? false;
  control.autocomplete = field.autocomplete ?? 'off';
  control.value = field.value ?? '';
  control.spellcheck = false;
  control.autocapitalize = 'off';
  const label = make('label', '', field.label);
  label.htmlFor = id;
  const element = make('div', 'field', label, control);
  if (field.hint) {
    const hint = make('p', 'hint', field.hint);
    hint.id = `${id}-hint`;
    control.setAttribute('aria-describedby', hint.id);
    element.append(hint);
  }
  return { name: field.name, control, element };
}

/** Says that something is done, for a while. */
export function toast(text: string, kind: 'done' | 'fault' = 'done'): void {
  const note = make('p', `toast ${kind}`, text);
  byId('toasts', HTMLElement).append(note);
  setTimeout(() => note.remove(), 6000);
}
