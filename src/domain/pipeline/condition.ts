/** What a measured number must be: `<= 0.05`, `>= 99.5%`, or beside what the stable release has at the same time: `<= 1.2 * stable + 5`. */

export const comparisons = ['<=', '<', '>=', '>', '==', '!='] as const;

export interface Condition {
  readonly is: (typeof comparisons)[number];
  /** How often the stable release's number counts; 0 where it plays no part. */
  readonly timesStable: number;
  readonly plus: number;
  /** As it was written. */
  readonly text: string;
}

const number = String.raw`(\d+(?:\.\d+)?(?:e[+-]?\d+)?)(%?)`;
const absolute = new RegExp(String.raw`^(<=|<|>=|>|==|!=)\s*(-?)${number}$`);
const relative = new RegExp(String.raw`^(<=|<|>=|>|==|!=)\s*(?:${number}\s*\*\s*)?stable(?:\s*([+-])\s*${number})?$`);

/** `undefined` for a text that is none. */
export function parseCondition(text: string): Condition | undefined {
  const trimmed = text.trim();
  const alone = absolute.exec(trimmed);
  if (alone !== null) {
    const [, is, sign, digits = '', unit] = alone;
    return { is: is as Condition['is'], timesStable: 0, plus: signed(sign, digits, unit), text: trimmed };
  }
  const beside = relative.exec(trimmed);
  if (beside === null) return undefined;
  const [, is, factor, factorUnit, sign, digits, unit] = beside;
  return {
    is: is as Condition['is'],
    timesStable: factor === undefined ? 1 : signed('', factor, factorUnit),
    plus: digits === undefined ? 0 : signed(sign, digits, unit),
    text: trimmed,
  };
}

function signed(sign: string | undefined, digits: string, unit: string | undefined): number {
  const value = unit === '%' ? Number(digits) / 100 : Number(digits);
  return sign === '-' && value !== 0 ? -value : value;
}

export function asksForStable(condition: Condition | undefined): boolean {
  return condition !== undefined && condition.timesStable !== 0;
}

/** The number that is compared with; `stable` matters only where the condition asks for it. */
export function limitOf({ timesStable, plus }: Condition, stable: number | undefined): number | undefined {
  if (timesStable === 0) return plus;
  return stable === undefined ? undefined : timesStable * stable + plus;
}

/** `undefined` when it asks for the stable release's number and there is none. */
export function holds(condition: Condition, value: number, stable: number | undefined): boolean | undefined {
  const limit = limitOf(condition, stable);
  if (limit === undefined) return undefined;
  switch (condition.is) {
    case '<=':
      return value <= limit;
    case '<':
      return value < limit;
    case '>=':
      return value >= limit;
    case '>':
      return value > limit;
    case '==':
      return value === limit;
    case '!=':
      return value !== limit;
  }
}

/** Whether whatever satisfies `after` also satisfied `before`; false wherever that is not plain to see. */
export function isAtLeastAsStrict(after: Condition, before: Condition): boolean {
  if (after.text === before.text) return true;
  if (after.is !== before.is || after.timesStable !== before.timesStable) return false;
  if (after.is === '<=' || after.is === '<') return after.plus <= before.plus;
  return after.is === '>=' || after.is === '>' ? after.plus >= before.plus : after.plus === before.plus;
}
