import { standingNow } from '../release/evidence.ts';
import { baseline, proofs } from '../gate/proofs-query.ts';

/** Says of a release `r` that its commit was seen where a trigger of the environment `here` looks. */
const wasSeen = `select true from ref_sightings s where s.project_id = r.project_id and s.commit_id = r.commit_id and (
  here.by_commit and s.ref like 'refs/heads/%'
  or (here.by_main and s.ref = 'refs/heads/' || here.main_branch or here.by_tag and s.ref like 'refs/tags/%')
    and (here.signatures = 'none' or (select true from judgements j
      where j.project_id = r.project_id and j.commit_id = r.commit_id and j.ref = s.ref and j.accepted limit 1))) limit 1`;

/** Says of a grant \`g\` that it is in force on the project. */
const inForce = `g.revoked_at is null and g.from_at <= $2 and (g.until_at is null or g.until_at > $2) and (g.project_id is null or g.project_id = here.project_id)`;

/** Says of an accepted judgement \`j\`, signed with key \`k\` of person \`signed\`, that what it rests on still holds. */
const stands = `j.accepted and not here.is_rewound and j.mode = here.signatures and (j.class = 'production' or j.on_main)
  and k.revoked_at is null and (k.expires_at is null or k.expires_at > $2)
  and case when j.basis = 'hosted-acceptance'
    then (select true from acceptances a join people word on word.id = a.person_id and word.disabled_at is null
      join grants g on g.person_id = a.person_id and g.role = 'maintainer' and ${inForce}
      where a.project_id = j.project_id and a.commit_id = j.commit_id and a.tree_id = j.found->>'tree' limit 1)
    else signed.disabled_at is null and (select true from grants g where g.person_id = k.person_id
      and g.role = case j.class when 'staging' then 'maintainer' else 'release-manager' end and ${inForce} limit 1) end`;

/** Freezes of everything, of the project and of the environment, that are not over. */
const freezesThat = (
  begin: string,
) => `(select coalesce(json_agg(json_build_object('id', f.id, 'by', f.by, 'reason', f.reason, 'from', f.from_at, 'until', f.until_at, 'exempt', f.exempt,
      'scope', case when f.environment_id is not null then 'environment' when f.project_id is not null then 'project' else 'everything' end) order by f.from_at, f.id), '[]')
    from freezes f where f.lifted_at is null and ${begin} and (f.until_at is null or f.until_at > $2)
      and (f.environment_id = here.id or f.environment_id is null and (f.project_id is null or f.project_id = here.project_id)))`;

/** Says that a release was never asked for here, whatever became of it. */
const wasNeverPromoted = (release: string) =>
  `select count(*) = 0 from (select from promotions p where p.environment_id = $1 and p.release_id = ${release} limit 1) promoted`;

/**
 * Everything the engine decides on, as one statement that answers one JSON document: one round trip and one snapshot.
 *
 * Parameters: $1 environment, $2 now, $3 a release to load as well (or null).
 *
 * A candidate is a release newer than the one running, without an open promotion here, that a trigger of the environment
 * could ask for: by a sighting of its commit (prefiltered here, matched exactly by `sightings()` of the domain), or by a
 * success in an environment before this one. Queue mode `queue` needs the oldest that were never promoted here, the others
 * only the newest.
 *
 * Written so that the planner has nothing to choose, because its statistics may be missing or old: each step is a lateral
 * query over an index, `offset 0` keeps it from being merged into the step around it, and `(select true … limit 1)` keeps
 * a question about one row from becoming a join over all rows.
 */
export const factsQuery = `
with here as materialized (
  select e.id, e.project_id, e.name, e.spec, e.hold, e.pin, json_build_object('since', e.schedule_since, 'seen', e.schedule_seen) as schedule, p.revision_id, running.document as running,
    coalesce(running.number, 0) as above, coalesce(running.commit_id, '') as base_commit,
    (select r.pipeline->'trust' from pipeline_revisions r where r.id = p.revision_id) as trust,
    e.spec->'gates' @> '[{"gate":"approval"}]' as by_approval,
    case when e.lease_id is not null then json_build_object('id', e.lease_id, 'promotion', e.lease_promotion_id, 'holder', e.lease_holder, 'expiresAt', e.lease_expires_at) end as lease,
    (select r.pipeline->>'mainBranch' from pipeline_revisions r where r.id = p.revision_id) as main_branch,
    (select coalesce(r.pipeline->'trust'->>'signatures', 'strict') from pipeline_revisions r where r.id = p.revision_id) as signatures,
    exists (select from main_lines line join pipeline_revisions r on r.id = p.revision_id
      where line.project_id = e.project_id and line.ref = 'refs/heads/' || (r.pipeline->>'mainBranch') and line.rewound is not null) as is_rewound,
    e.spec->>'queue' = 'queue' as in_order,
    e.spec->'triggers' @> '[{"on":"commit"}]' as by_commit,
    e.spec->'triggers' @> '[{"on":"main"}]' as by_main,
    e.spec->'triggers' @> '[{"on":"tag"}]' as by_tag,
    e.spec->'triggers' @> '[{"on":"success"}]' or e.spec->'triggers' @> '[{"on":"schedule"}]' as by_success,
    jsonb_array_length(e.spec->'after'->'environments') = 0 as is_first,
    e.spec->'gates' @> '[{"gate":"deployed"}]' as by_deployment,
    e.spec->'gates' @> '[{"gate":"performance"}]' as by_performance,
    e.spec->'gates' @> '[{"gate":"security"}]' as by_security
  from environments e
  join projects p on p.id = e.project_id
  left join lateral (
    select r.number, r.commit_id, json_build_object('release', d.release_id, 'number', r.number, 'commit', r.commit_id, 'promotion', coalesce(d.undone_promotion_id, d.promotion_id), 'deployment', d.id, 'since', d.occupied_from) as document
    from deployments d join releases r on r.id = d.release_id where d.id = e.deployment_id) running on true
  where e.id = $1
),
open as materialized (
  select p.* from promotions p where p.environment_id = $1 and p.state <> 'ended'
),
upstream as materialized (
  select name.value as name, name.ordinality as place, e.id
  from here cross join jsonb_array_elements_text(here.spec->'after'->'environments') with ordinality name
  left join lateral (select id from environments where project_id = here.project_id and environments.name = name.value offset 0) e on true
),
seen as (
  select found.id from here cross join lateral (
    (select r.id from releases r
      where r.project_id = here.project_id and r.number > here.above
        and not here.in_order and (here.by_commit or here.by_main or here.by_tag)
        and (${wasSeen}) and r.id not in (select release_id from open)
      order by r.number desc limit 20)
    union all
    (select r.id from releases r
      where r.project_id = here.project_id and r.number > here.above
        and here.in_order and (here.by_commit or here.by_main or here.by_tag)
        and (${wasSeen}) and (${wasNeverPromoted('r.id')})
      order by r.number limit 200)
  ) found
),
succeeded as (
  select passed.id from here cross join upstream cross join lateral (
    (select v.release_id as id from verifications v
      where v.environment_id = upstream.id and v.verdict = 'PASS' and v.number > here.above
        and here.by_success and not here.in_order and v.release_id not in (select release_id from open)
      order by v.number desc limit 20)
    union all
    (select v.release_id from verifications v
      where v.environment_id = upstream.id and v.verdict = 'PASS' and v.number > here.above
        and here.by_success and here.in_order and (${wasNeverPromoted('v.release_id')})
      order by v.number limit 200)
  ) passed
  union all
  select newest.id from here cross join lateral (
    select r.id from releases r
    where r.project_id = here.project_id and r.number > here.above
      and here.by_success and here.is_first and r.id not in (select release_id from open)
    order by r.number desc limit 20) newest
),
loaded as materialized (
  select id from seen union select id from succeeded union select release_id from open union select $3::text where $3::text is not null
)
select json_build_object(
  'id', here.id,
  'spec', here.spec,
  'trust', here.trust,
  'revision', here.revision_id,
  'mainBranch', here.main_branch,
  'signatures', here.signatures,
  'running', here.running,
  'hold', here.hold,
  'pin', here.pin,
  'lease', here.lease,
  'schedule', here.schedule,
  'freezes', ${freezesThat('f.from_at <= $2')},
  'freezesAhead', ${freezesThat('f.from_at > $2')},
  'suppressions', (
    select json_agg(json_build_object('finding', s.finding, 'owner', s.owner, 'reason', s.reason, 'until', s.until_at) order by s.at, s.id)
    from suppressions s where here.by_security and s.project_id = here.project_id and s.lifted_at is null),
  'baseline', ${baseline},
  'open', (
    select coalesce(json_agg(json_build_object('id', o.id, 'environment_id', o.environment_id, 'release_id', o.release_id, 'kind', o.kind,
      'origin', o.origin, 'requested_at', o.requested_at, 'state', o.state, 'phase', o.phase, 'lease_id', o.lease_id, 'outcome', o.outcome,
      'started_at', o.started_at, 'ended_at', o.ended_at, 'reason', o.reason, 'stop', o.stop, 'superseded_by', o.superseded_by,
      'rolled_back_by', o.rolled_back_by, 'plan_hash', o.plan_hash, 'switched_at', o.switched_at) order by o.seq), '[]') from open o),
  'keys', (
    select coalesce(json_agg(used.key), '[]') from loaded cross join lateral (
      select p.release_id || ' ' || p.trigger_key as key from promotions p
      where p.environment_id = $1 and p.release_id = loaded.id and p.trigger_key is not null offset 0) used),
  'breakGlasses', (
    select coalesce(json_agg(json_build_object('id', b.id, 'release', b.release_id, 'gates', b.gates, 'reason', b.reason, 'incident', b.incident,
      'requestedBy', b.requested_by, 'confirmedBy', b.confirmed_by, 'expiresAt', b.expires_at, 'promotion', b.promotion_id) order by b.requested_at, b.id), '[]')
    from break_glasses b where b.environment_id = here.id and b.confirmed_by is not null
      and (b.promotion_id is null and b.expires_at > $2 or b.promotion_id in (select id from open))),
  'followUps', (
    select coalesce(json_agg(json_build_object('id', f.id, 'breakGlass', f.break_glass_id, 'dueAt', f.due_at) order by f.due_at, f.id), '[]')
    from follow_ups f where here.spec->>'kind' = 'production' and f.project_id = here.project_id and f.closed_at is null and f.due_at <= $2),
  'scheduleKeys', (
    select coalesce(json_agg(used.key), '[]') from (
      select p.release_id || ' ' || p.trigger_key as key from promotions p
      where p.environment_id = $1 and p.trigger_key like 'schedule:%' order by p.seq desc limit 5) used),
  'releases', (
    select coalesce(json_agg(json_build_object(
      'id', r.id, 'number', r.number, 'commit', r.commit_id, 'artifact', r.artifact, 'createdAt', r.created_at,
      'refs', (select json_agg(s.ref order by s.ref) from ref_sightings s where s.project_id = r.project_id and s.commit_id = r.commit_id),
      'judged', (select json_agg(json_build_object('judgement', j.id, 'class', j.class, 'ref', j.ref, 'accepted', coalesce(${stands}, false), 'basis', j.basis,
          'checks', j.checks, 'signer', coalesce(signed.handle, k.platform),
          'vouchedBy', array(select signed.handle where signed.handle is not null union select word.handle from acceptances a join people word on word.id = a.person_id
            where j.mode = 'hosted' and a.project_id = j.project_id and a.commit_id = j.commit_id order by 1)) order by j.seq)
        from judgements j left join signers k on k.fingerprint = j.fingerprint left join people signed on signed.id = k.person_id
        where here.signatures <> 'none' and j.project_id = r.project_id and j.commit_id = r.commit_id),
      'upstream', (
        select json_agg(json_build_object('environment', u.name,
          'verified', (select json_build_object('verdict', v.verdict, 'id', v.id, 'at', v.at, 'since', v.since, 'reason', v.reason)
            from verifications v where v.environment_id = u.id and v.release_id = r.id),
          'occupied', (select json_build_object('from', d.release_since, 'until', d.occupied_until)
            from deployments d where d.environment_id = u.id and d.release_id = r.id and d.occupied_from is not null
            order by d.occupied_from desc nulls last limit 1),
          'deployed', (select json_build_object('promotion', p.id, 'outcome', p.outcome, 'automated', coalesce((
              select not (d.snapshot->'target' @> '{"kind":"command","deploy":""}') from deployments d
              where d.promotion_id = p.id and d.cause = 'promotion' limit 1), false))
            from promotions p where here.by_deployment and p.environment_id = u.id and p.release_id = r.id
              and p.state = 'ended' and p.outcome <> 'superseded' order by p.seq desc limit 1),
          'onItsWay', exists (select from promotions p where here.by_deployment and p.environment_id = u.id and p.release_id = r.id
            and p.state <> 'ended')) order by u.place)
        from upstream u),
      'veto', (select json_build_object('by', v.by, 'reason', v.reason, 'at', v.at) from vetoes v
        where v.release_id = r.id and v.lifted_at is null and (v.environment_id is null or v.environment_id = here.id) order by v.at, v.id limit 1),
      'lastOutcome', (select p.outcome from promotions p where p.environment_id = $1 and p.release_id = r.id
        and p.state = 'ended' and p.outcome <> 'superseded' order by p.seq desc limit 1),
      'approvals', (select json_agg(json_build_object('actor', a.actor, 'decision', a.decision, 'planHash', a.plan_hash, 'reason', a.reason, 'at', a.at, 'means', a.means,
          'approver', (select json_build_object('handle', w.handle, 'disabled', w.disabled_at is not null,
              'emails', array(select m.email from person_emails m where m.person_id = w.id),
              'roles', array(select distinct g.role from grants g where g.person_id = w.id and g.revoked_at is null and g.from_at <= $2
                and (g.until_at is null or g.until_at > $2) and (g.project_id is null or g.project_id = here.project_id)))
            from people w where w.handle = a.actor)) order by a.at, a.id)
        from approvals a where a.environment_id = here.id and a.release_id = r.id and a.withdrawn_at is null),
      'contribution', case when here.by_approval then (
        select json_build_object('contributors', c.contributors, 'commits', c.commits, 'complete', c.complete, 'problem', c.problem, 'lookAgainAt', c.look_again_at)
        from contributions c where c.project_id = here.project_id and c.from_commit = here.base_commit and c.to_commit = r.commit_id) end,
      'asked', (select json_build_object('planHash', o.asked_plan, 'at', o.asked_at) from open o
        where o.release_id = r.id and o.kind = 'promotion' and o.asked_plan is not null order by o.seq desc limit 1),
      'evidence', (select json_agg(json_build_object('id', p.id, 'kind', p.kind, 'name', p.name, 'environment', p.environment, 'verdict', p.verdict,
          'standing', p.standing, 'by', p.by, 'summary', p.summary, 'details', p.details, 'at', p.at, 'expiresAt', p.expires_at) order by p.seq)
        from (select distinct on (e.kind, e.name, e.environment_id, e.standing) e.*, (select w.name from environments w where w.id = e.environment_id) as environment
          from (select v.id, v.seq, v.kind, v.name, v.environment_id, v.verdict, v.by, v.summary, v.details, v.at, v.expires_at, ${standingNow} as standing
            from evidence v where v.release_id = r.id) e
          order by e.kind, e.name, e.environment_id, e.standing, e.seq desc) p),
      ${proofs}
    ) order by r.number desc), '[]')
    from loaded cross join lateral (select * from releases where releases.id = loaded.id offset 0) r)
) as facts
from here`;
