/** Who looks at the page: nobody in particular, or an account, which may be an operator of the server. */
import { call, type Me, Problem } from './api.ts';
import { ask, toast } from './dialogs.ts';
import { byId, setText } from './dom.ts';

export class Account {
  private readonly name = byId('account-name', HTMLElement);
  private readonly signIn = byId('sign-in', HTMLButtonElement);
  private readonly signOut = byId('sign-out', HTMLButtonElement);
  private operator = false;

  constructor(private readonly changed: (operator: boolean) => void) {
    this.signIn.addEventListener('click', () => void this.askToSignIn());
    this.signOut.addEventListener('click', () => void this.leave());
  }

  /** Asks the server; a cookie from before may still be good. Without an answer, all stays as it is. */
  async refresh(): Promise<Me | null> {
    try {
      const me = await call<Me>('GET', '/api/me');
      this.show(me);
      return me;
    } catch {
      return null;
    }
  }

  /** For whoever was refused something: a session that is over is over on the page too. */
  failed(error: unknown): void {
    if (error instanceof Problem && (error.status === 401 || error.status === 403)) void this.refresh();
  }

  private show(me: Me): void {
    const known = typeof me.name === 'string' && me.kind !== 'nobody';
    const hadFocus = document.activeElement === this.signIn || document.activeElement === this.signOut;
    this.name.hidden = !known;
    setText(this.name, known ? (me.name ?? '') : '');
    this.signIn.hidden = known;
    this.signOut.hidden = !known;
    if (hadFocus) (known ? this.signOut : this.signIn).focus();
    const operator = known && me.operator === true;
    document.body.classList.toggle('operator', operator);
    if (operator === this.operator) return;
    this.operator = operator;
    this.changed(operator);
  }

  private async askToSignIn(): Promise<void> {
    let signedIn = false;
    await ask({
      title: 'Sign in',
      text: 'With an account of this server. Its operators see every connection here, and may act on them.',
      fields: [
        { name: 'name', label: 'Name', autocomplete: 'username', required: true },
        {
          name: 'password',
          label: 'Password',
          type: 'password',
          autocomplete: 'current-password',
          required: true,
        },
      ],
      confirm: 'Sign in',
      run: async ({ name, password }) => {
        await call('POST', '/api/session', { name, password });
        signedIn = true;
      },
    });
    if (!signedIn) return;
    const me = await this.refresh();
    if (me && !me.operator) {
      toast(`${me.name ?? 'That account'} is not an operator of this server: there is no more to see.`);
    }
    (this.signIn.hidden ? this.signOut : this.signIn).focus();
  }

  private async leave(): Promise<void> {
    try {
      await call('DELETE', '/api/session');
    } catch (error) {
      toast(error instanceof Error ? error.message : String(error), 'fault');
    }
    await this.refresh();
  }
}
