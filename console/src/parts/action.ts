/** What an action is made of; how it is asked is question.tsx. */

/** What was filled in, by the name of the field; `reason` is the reason. Unchecked and empty fields are the empty text. */
export type Given = Readonly<Record<string, string>>;

export interface Field {
  readonly name: string;
  readonly label: string;
  /** `time` gives a time as people of the command line write it, in UTC; `several` gives names separated by commas; `file` gives its bytes, a character each. */
  readonly is: 'line' | 'lines' | 'time' | 'choice' | 'several' | 'yes' | 'number' | 'file';
  readonly choices?: readonly string[];
  readonly needed?: true;
  /** What stands there before anybody writes. */
  readonly begins?: string;
  readonly hint?: string;
  /** When it is asked at all. */
  readonly when?: (given: Given) => boolean;
}

export interface Action {
  readonly label: string;
  /** What it does, for the dialog. */
  readonly explains: string;
  readonly path: string;
  /** When it depends on what was filled in. */
  readonly pathFor?: (given: Given) => string;
  /** Bytes go as they are, everything else as JSON. */
  readonly body: (reason: string, given: Given) => unknown;
  /** In place of one request, when it takes more; the key is that of the last one. */
  readonly send?: (given: Given, key: string) => Promise<unknown>;
  /** As typed in a terminal; `{reason}` and the names of fields are filled in. */
  readonly command: string | ((given: Given) => string);
  readonly reason: 'needed' | 'welcome' | 'none';
  readonly fields?: readonly Field[];
  readonly primary?: boolean;
  /** It goes around what protects others, or cannot be undone: it looks like nothing else. */
  readonly grave?: true;
  /** What has to be read before it is done; then it is done with exactly that. */
  readonly before?: {
    readonly label: string;
    readonly read: (reason: string, given: Given) => Promise<ToRead>;
  };
  /** What the answer brings that is told only now. */
  readonly brings?: (answer: never) => readonly { readonly label: string; readonly text: string }[];
}

export interface ToRead {
  readonly heading: string;
  /** Word for word. */
  readonly text: string;
  readonly ways: readonly {
    readonly label: string;
    /** Done with what was read; the key is the request's. */
    readonly act: (key: string) => Promise<unknown>;
  }[];
}

/** As one word of a shell. */
export function quoted(text: string): string {
  return /^[\w@%+=:,./#-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
