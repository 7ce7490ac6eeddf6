/** Databases of the environments (not Liftlock's own): one for each environment that asks for one. */
export interface EnvironmentDatabases {
  /** Creates the database and its own role when they are missing; the same name always answers the same URL. */
  ensure(name: string): Promise<{ readonly url: string }>;
  /** Drops database and role. Idempotent. */
  drop(name: string): Promise<void>;
}
