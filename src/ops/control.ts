/** What operators ask of the daemon itself, which the process edge does: the same as signals ask of it. */

/** What came of a reload. */
export interface Reloaded {
  /** Names of settings that are in force now and were others before. */
  readonly changed: readonly string[];
  /** Names of settings that were changed and need a restart. */
  readonly restart: readonly string[];
}

export interface Control {
  /** Puts new settings in force; rejects with the `Refusal`, and those in force stay. `by`: who asks. */
  reload(by: string): Promise<Reloaded>;
  /**
   * Puts the program that is now where this one was in its place, and answers its version as that begins;
   * rejects with the `Refusal` where it cannot, and this one goes on.
   */
  upgrade(by: string): Promise<string>;
  /** Takes nobody new, tells everyone, and ends the process; answers at once. */
  stop(by: string): void;
}
