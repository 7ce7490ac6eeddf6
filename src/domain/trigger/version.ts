/** Versions as tags name them: `vMAJOR.MINOR.PATCH`, nothing before, between or after. */

export interface Version {
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
}

/** No leading zeros, no suffixes; each part has at most nine digits, so that numbers stay exact. */
export function parseVersionTag(tag: string): Version | undefined {
  const parts = /^v(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})$/.exec(tag);
  if (parts === null) return undefined;
  const [major, minor, patch] = parts.slice(1).map(Number) as [number, number, number];
  return { major, minor, patch };
}

/** Negative when `left` is older. */
export function compareVersions(left: Version, right: Version): number {
  return left.major - right.major || left.minor - right.minor || left.patch - right.patch;
}
