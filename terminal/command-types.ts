/** An option of a command: what it takes, and what happens without it. */
export type OptionSpec =
  | { readonly type: 'flag'; readonly about: string }
  | {
      readonly type: 'text';
      /** How the help names what it takes: `URL`, `FILE`. */
      readonly takes: string;
      readonly about: string;
      readonly default?: string;
    }
  | {
      /** `whole`: digits alone; `number`: with a fraction, if need be. */
      readonly type: 'whole' | 'number';
      readonly about: string;
      readonly min: number;
      readonly max: number;
      /** Absent where what happens without it is no number; `about` says what then. */
      readonly default?: number;
    };

export type OptionSpecs = Readonly<Record<string, OptionSpec>>;

/** What `npm run NAME` does and takes: its help is made of it, and its arguments are read by it. */
export interface Command<Options extends OptionSpecs = OptionSpecs> {
  /** As it is typed: `npm run shop`. */
  readonly name: string;
  /** One or more sentences; line breaks are kept. */
  readonly about: string;
  /** `--help` comes by itself. */
  readonly options: Options;
  /** Behind the options: variables, keys, what else there is to know; line breaks are kept. */
  readonly notes?: string;
  /** Whole command lines. */
  readonly examples: readonly string[];
  /** Code by code; that of an option which cannot be used, 2, may be left out. */
  readonly exitCodes: Readonly<Record<number, string>>;
}

type ValueOf<Spec extends OptionSpec> = Spec['type'] extends 'flag'
  ? boolean
  : | (Spec['type'] extends 'text' ? string : number)
    | (Spec extends { readonly default: string | number } ? never : undefined);

export type ValuesOf<Options extends OptionSpecs> = { readonly [Name in keyof Options]: ValueOf<Options[Name]> } & {
  readonly help: boolean;
};
