/** What a caller may be allowed to do. Every route names one of these; who has which is decided elsewhere. */
export const permissions = [
  'project:read',
  'project:apply',
  'source:notify',
  'release:read',
  'build:read',
  'build:retry',
  'promotion:read',
  'promotion:create',
  'promotion:abort',
  'rollback:create',
  'approval:create',
  'hold:create',
  'hold:release',
  'pin:create',
  'pin:release',
  'verification:create',
  'veto:create',
  'veto:lift',
  'freeze:read',
  'freeze:create',
  'freeze:lift',
  'log:read',
  'event:read',
  'metrics:read',
] as const;

export type Permission = (typeof permissions)[number];
