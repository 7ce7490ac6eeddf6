/** How much may go wrong with a change, told by what is known before it is made. A help for whoever approves, not a gate. */

export interface RiskFacts {
  /** Commits since what runs; absent when they were not looked up. */
  readonly commits: number | undefined;
  readonly people: number;
  readonly migrations: number;
  readonly variables: number;
  /** Promotions of this release here, or of this change in the environments before it, that did not succeed. */
  readonly failedAttempts: number;
  /** Names of freezes in force that this does not stop. */
  readonly exemptions: number;
  readonly bypassed: readonly string[];
  readonly suppressions: number;
  /** How long it has run upstream without a break, in milliseconds; absent where nothing comes before. */
  readonly soaked: number | undefined;
  readonly firstDeployment: boolean;
  readonly direction: 'first' | 'forward' | 'back' | 'again';
  /** False when the pipeline asks for no signatures, or lets authors approve. */
  readonly trusted: boolean;
}

export interface Risk {
  readonly level: 'low' | 'medium' | 'high';
  /** Every reason, the gravest first. */
  readonly factors: readonly RiskFactor[];
}

export interface RiskFactor {
  readonly weight: 1 | 2 | 3;
  readonly sentence: string;
}

const dayLong = 86_400_000;

/** One grave reason, or several that add up, make it high. The weights are judgement, and all in this function. */
export function riskOf(facts: RiskFacts): Risk {
  const factors: RiskFactor[] = [
    ...when(facts.bypassed.length > 0, 3, `gates were passed in an emergency: ${facts.bypassed.join(', ')}`),
    ...when(facts.migrations > 0, 2, `${count(facts.migrations, 'migration')} of the database`),
    ...when(facts.failedAttempts > 0, 2, `${count(facts.failedAttempts, 'earlier attempt')} did not succeed`),
    ...when(facts.exemptions > 0, 2, `${count(facts.exemptions, 'freeze')} in force does not stop it`),
    ...when(facts.direction === 'back', 2, 'it goes back to an older release'),
    ...when(facts.commits === undefined, 2, 'what it brings was not looked up'),
    ...when((facts.commits ?? 0) > 50, 2, `${facts.commits} commits at once`),
    ...when((facts.commits ?? 0) > 10 && (facts.commits ?? 0) <= 50, 1, `${facts.commits} commits at once`),
    ...when(facts.people > 5, 1, `the work of ${facts.people} people`),
    ...when(facts.variables > 0, 1, `${count(facts.variables, 'variable')} changed`),
    ...when(facts.suppressions > 0, 1, `${count(facts.suppressions, 'finding')} accepted for a time`),
    ...when(facts.firstDeployment, 1, 'the first deployment here'),
    ...when(facts.soaked !== undefined && facts.soaked < dayLong, 1, 'it ran less than a day upstream'),
    ...when(!facts.trusted, 1, 'the pipeline lowers what is asked of signatures or approvers'),
  ];
  const sum = factors.reduce((total, { weight }) => total + weight, 0);
  const gravest = Math.max(0, ...factors.map(({ weight }) => weight));
  const level = gravest >= 3 || sum >= 5 ? 'high' : sum >= 2 ? 'medium' : 'low';
  return { level, factors: factors.toSorted((left, right) => right.weight - left.weight) };
}

function when(holds: boolean, weight: RiskFactor['weight'], sentence: string): readonly RiskFactor[] {
  return holds ? [{ weight, sentence }] : [];
}

function count(number: number, word: string): string {
  return number === 1 ? `one ${word}` : `${number} ${word}s`;
}
