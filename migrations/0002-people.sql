-- Who may do what. Secrets (tokens, sessions, links) are kept as SHA-256 only: each holds 256 random bits.

create table people (
  id text primary key,
  -- Recorded wherever somebody acted, so it never changes and never goes to anybody else.
  handle text not null unique,
  name text not null,
  created_at bigint not null,
  created_by text not null,
  disabled_at bigint
);

-- An administrator vouches for each; lower case.
create table person_emails (
  email text primary key,
  person_id text not null references people,
  added_at bigint not null,
  added_by text not null
);
create index person_emails_person on person_emails (person_id);

-- What an OpenID provider calls a person.
create table person_subjects (
  issuer text not null,
  subject text not null,
  person_id text not null references people,
  bound_at bigint not null,
  primary key (issuer, subject)
);
create index person_subjects_person on person_subjects (person_id);

create table grants (
  id text primary key,
  person_id text not null references people,
  role text not null,
  -- Every project when null.
  project_id text references projects,
  from_at bigint not null,
  until_at bigint,
  granted_by text not null,
  granted_at bigint not null,
  reason text,
  revoked_at bigint,
  revoked_by text
);
create index grants_person on grants (person_id) where revoked_at is null;

-- Programs that a CI system vouches for, by claims of its identity tokens.
create table machines (
  id text primary key,
  handle text not null unique,
  project_id text not null references projects,
  issuer text not null,
  audience text not null,
  claims jsonb not null,
  created_at bigint not null,
  created_by text not null,
  disabled_at bigint
);

-- A CI identity token is exchanged once. Kept until it would have expired by itself.
create table used_identities (
  issuer text not null,
  jti text not null,
  expires_at bigint not null,
  primary key (issuer, jti)
);

create table tokens (
  id text primary key,
  secret_hash text not null,
  name text not null,
  -- Of one person, or of one machine.
  person_id text references people,
  machine_id text references machines,
  -- What it is limited to; null: to nothing.
  projects text[],
  actions text[],
  created_at bigint not null,
  expires_at bigint not null,
  -- To the minute or so: it is not written at every use.
  last_used_at bigint,
  revoked_at bigint,
  revoked_by text,
  check ((person_id is null) <> (machine_id is null))
);
create index tokens_person on tokens (person_id, created_at desc);

create table sessions (
  id text primary key,
  secret_hash text not null,
  person_id text not null references people,
  created_at bigint not null,
  expires_at bigint not null,
  ended_at bigint
);
create index sessions_person on sessions (person_id) where ended_at is null;

-- Each may be used once: to sign in, or to hand a sign-in over from a browser to a command line.
create table sign_in_links (
  id text primary key,
  secret_hash text not null,
  person_id text not null references people,
  -- S256 of a verifier that only the one for whom it is meant has (RFC 7636); null when the link is enough.
  challenge text,
  created_at bigint not null,
  created_by text not null,
  expires_at bigint not null,
  used_at bigint
);

-- Sign-ins that are at an OpenID provider.
create table sign_in_attempts (
  state_hash text primary key,
  -- Of a cookie: whoever comes back must be the one who went.
  browser_hash text not null,
  nonce text not null,
  verifier text not null,
  hand_over jsonb,
  expires_at bigint not null
);
