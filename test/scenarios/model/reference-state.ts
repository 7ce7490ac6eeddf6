/** What the reference model knows, and what follows from it. Plain data; it shares no code with the engine. */

/** What events of the kinds that the model knows carry. */
export interface EventData {
  readonly number?: number;
  readonly trigger?: string;
  readonly key?: string;
  readonly rollback?: boolean;
  readonly holds?: boolean;
  readonly rollbackOf?: string;
  readonly planHash?: string;
  readonly phase?: string;
  readonly cause?: string;
  readonly outcome?: string;
  readonly verdict?: string;
  readonly freeze?: string;
  readonly from?: number;
  readonly until?: number | null;
}

export interface LoggedEvent {
  readonly seq: number;
  readonly at: number;
  readonly kind: string;
  readonly actor: string;
  readonly environment_id: string | null;
  readonly release_id: string | null;
  readonly promotion_id: string | null;
  readonly data: EventData;
}

export interface PlaceRules {
  readonly name: string;
  readonly after: readonly string[];
  readonly mode: 'all' | 'any';
  readonly queue: 'latest' | 'queue' | 'manual';
  readonly approvals: number;
  readonly soak: number;
  readonly window: { readonly from: number; readonly to: number } | undefined;
}

export interface PromotionState {
  readonly environment: string;
  readonly release: string;
  readonly kind: 'promotion' | 'rollback';
  readonly by: 'trigger' | 'person' | 'engine';
  readonly key: string | undefined;
  readonly cause: string | undefined;
  state: 'waiting' | 'running' | 'ended';
  phase: string | undefined;
  outcome: string | undefined;
  stopped: false | 'shut' | 'by a person';
  mayEnter: boolean;
}

export interface PlaceState {
  running: string | undefined;
  held: boolean;
  pin: string | undefined;
  readonly verdicts: Map<string, { readonly verdict: string; readonly since: number }>;
  readonly occupied: Map<string, { readonly from: number; readonly until: number | undefined }>;
}

export interface Reference {
  readonly rules: ReadonlyMap<string, PlaceRules>;
  readonly places: Map<string, PlaceState>;
  readonly promotions: Map<string, PromotionState>;
  readonly numbers: Map<string, number>;
  readonly freezes: Map<string, { readonly environment: string | null; readonly from: number; readonly until: number }>;
  readonly vetoes: { readonly release: string; readonly environment: string | null }[];
  readonly decisions: {
    readonly environment: string;
    readonly release: string;
    readonly plan: string;
    readonly actor: string;
    readonly approves: boolean;
  }[];
}

export function newReference(rules: ReadonlyMap<string, PlaceRules>): Reference {
  const places = new Map(
    [...rules.keys()].map((id): [string, PlaceState] => [
      id,
      { running: undefined, held: false, pin: undefined, verdicts: new Map(), occupied: new Map() },
    ]),
  );
  return { rules, places, promotions: new Map(), numbers: new Map(), freezes: new Map(), vetoes: [], decisions: [] };
}

export function isAvailable(model: Reference, { environment, release }: PromotionState): boolean {
  const { after, mode } = model.rules.get(environment)!;
  const passed = after.map((name) => placeNamed(model, name).verdicts.get(release)?.verdict === 'PASS');
  return after.length === 0 || (mode === 'all' ? passed.every(Boolean) : passed.some(Boolean));
}

export function soaked({ verdicts, occupied }: PlaceState, release: string, at: number): number {
  const [verdict, stay] = [verdicts.get(release), occupied.get(release)];
  return verdict?.verdict !== 'PASS' || stay === undefined
    ? 0
    : (stay.until ?? at) - Math.max(stay.from, verdict.since);
}

export function placeNamed(model: Reference, name: string): PlaceState {
  return model.places.get([...model.rules].find(([, rules]) => rules.name === name)![0])!;
}

export function isVetoed(model: Reference, release: string, environment: string): boolean {
  return model.vetoes.some((veto) => veto.release === release && (veto.environment ?? environment) === environment);
}

export function numberOf(model: Reference, release: string | undefined): number {
  return release === undefined ? 0 : model.numbers.get(release)!;
}
