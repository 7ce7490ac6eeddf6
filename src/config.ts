/** The only reader of process.env. Everything else gets what it needs as parameters. */
import { logLevels, type LogLevel } from './domain/pipeline/environment.ts';

export interface Config {
  /** Where state is kept; the command decides when it is not set. */
  readonly home: string | undefined;
  /** An external PostgreSQL; the embedded one when absent. */
  readonly databaseUrl: string | undefined;
  /** A control plane elsewhere. */
  readonly serverUrl: string | undefined;
  readonly token: string | undefined;
  readonly tokenFile: string | undefined;
  readonly project: string | undefined;
  readonly logLevel: LogLevel;
  /** Hosts inside this network that may be asked all the same. */
  readonly allowHosts: readonly string[];
  /** Where the Docker engine of this machine answers, as Docker's own tools read it. */
  readonly dockerHost: string | undefined;
  readonly ci: boolean;
  readonly color: boolean;
  readonly path: string | undefined;
  /** Where this user's programs keep their settings. */
  readonly settings: string | undefined;
  /** Where a proxy with TLS answers for the server. */
  readonly publicUrl: string | undefined;
  /** The OpenID provider at which people sign in. */
  readonly oidc: OidcConfig | undefined;
}

export interface OidcConfig {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string | undefined;
  readonly clientSecretFile: string | undefined;
  /** On the button. */
  readonly name: string;
}

export function readConfig(): Config {
  const { env } = process;
  const level = env['LIFTLOCK_LOG_LEVEL'];
  return {
    home: nonEmpty(env['LIFTLOCK_HOME']),
    databaseUrl: nonEmpty(env['DATABASE_URL']),
    serverUrl: nonEmpty(env['LIFTLOCK_URL']),
    token: nonEmpty(env['LIFTLOCK_TOKEN']),
    tokenFile: nonEmpty(env['LIFTLOCK_TOKEN_FILE']),
    project: nonEmpty(env['LIFTLOCK_PROJECT']),
    logLevel: logLevels.find((known) => known === level) ?? 'info',
    allowHosts: listOf(env['LIFTLOCK_ALLOW_HOSTS']),
    dockerHost: nonEmpty(env['DOCKER_HOST']),
    ci: isSet(env['CI']),
    color: !isSet(env['NO_COLOR']) && env['TERM'] !== 'dumb',
    path: nonEmpty(env['PATH']),
    settings: nonEmpty(env['XDG_CONFIG_HOME']) ?? (nonEmpty(env['HOME']) && `${env['HOME']}/.config`),
    publicUrl: nonEmpty(env['LIFTLOCK_PUBLIC_URL']),
    oidc: readOidc(env),
  };
}

/** A variable of this process, for names that a pipeline's `allowVariables` lists. */
export function hostVariable(name: string): string | undefined {
  return process.env[name];
}

/** Where the machine keeps certificates of its own: without them `npm ci` behind a proxy that opens TLS reaches nothing. */
const certificateVariables = [
  'NODE_EXTRA_CA_CERTS',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'GIT_SSL_CAINFO',
  'CURL_CA_BUNDLE',
  'REQUESTS_CA_BUNDLE',
];

/** What every command of a user's project gets of this machine's environment. */
export function hostVariables(): Readonly<Record<string, string>> {
  const names = ['PATH', 'HOME', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR', 'USER', 'LOGNAME', 'SHELL', ...certificateVariables];
  const present = names.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(present);
}

function readOidc(env: NodeJS.ProcessEnv): OidcConfig | undefined {
  const issuer = nonEmpty(env['LIFTLOCK_OIDC_ISSUER']);
  const clientId = nonEmpty(env['LIFTLOCK_OIDC_CLIENT_ID']);
  if (issuer === undefined || clientId === undefined) return undefined;
  return {
    issuer,
    clientId,
    clientSecret: nonEmpty(env['LIFTLOCK_OIDC_CLIENT_SECRET']),
    clientSecretFile: nonEmpty(env['LIFTLOCK_OIDC_CLIENT_SECRET_FILE']),
    name: nonEmpty(env['LIFTLOCK_OIDC_NAME']) ?? 'your organisation',
  };
}

function nonEmpty(value: string | undefined): string | undefined {
  return value === undefined || value === '' ? undefined : value;
}

/** Separated by commas or white space. */
function listOf(value: string | undefined): readonly string[] {
  return (value ?? '').split(/[\s,]+/).filter((part) => part !== '');
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== '' && value !== '0' && value !== 'false';
}
