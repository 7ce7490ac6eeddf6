/**
 * The parts of `factsQuery` that gates beyond verification look at. Each is a lookup by an index; what no gate of the
 * environment asks for is left out.
 */

const evidenceFields = (row: string) =>
  `'id', ${row}.id, 'kind', ${row}.kind, 'name', ${row}.name, 'verdict', ${row}.verdict, 'standing', ${row}.standing, 'by', ${row}.by,
   'summary', ${row}.summary, 'details', ${row}.details, 'at', ${row}.at, 'expiresAt', ${row}.expires_at`;

/** The load tests of what runs in production: here, when this is production, else in the first production of the project. */
export const baseline = `(
    select json_build_object('release', d.release_id, 'number', r.number, 'environment', live.name, 'evidence', (
        select coalesce(json_agg(json_build_object(${evidenceFields('p')}, 'environment', p.place) order by p.seq), '[]')
        from (select distinct on (v.name, v.environment_id, v.standing) v.*, (select w.name from environments w where w.id = v.environment_id) as place
          from evidence v where v.release_id = d.release_id and v.kind = 'load' order by v.name, v.environment_id, v.standing, v.seq desc) p))
    from (
      select e.name, e.deployment_id from environments e
      where here.by_performance and e.project_id = here.project_id and e.spec->>'kind' = 'production' and not e.retired and e.deployment_id is not null
      order by e.id = here.id desc, e.position limit 1) live
    join deployments d on d.id = live.deployment_id join releases r on r.id = d.release_id)`;

/** Of a release `r`; the commits are those after what runs here. */
export const proofs = `'commits', (
        select json_build_object('commits', c.data->'commits', 'complete', c.data->'complete',
          'people', (select json_object_agg(e.email, p.handle) from person_emails e join people p on p.id = e.person_id
            where e.email in (select jsonb_array_elements_text(c.data->'emails'))),
          'reviews', (select json_agg(json_build_object('commit', v.commit_id, 'decision', v.decision, 'by', v.by, 'from', 'liftlock', 'at', v.at) order by v.at, v.id)
            from reviews v where v.project_id = r.project_id and v.commit_id in (select jsonb_array_elements(c.data->'commits')->>'id')),
          'forge', (select f.data->'reviews' from gate_checks f where f.environment_id = c.environment_id and f.release_id = c.release_id and f.kind = 'forge' and f.subject = c.subject))
        from gate_checks c where c.environment_id = here.id and c.release_id = r.id and c.kind = 'commits' and c.state = 'answered'
          and c.subject = here.base_commit || '..' || r.commit_id),
      'notes', (select json_build_object('digest', n.digest, 'source', n.source, 'base', n.base_release_id, 'by', n.by, 'acceptedBy', n.accepted_by)
        from release_notes n where n.environment_id = here.id and n.release_id = r.id),
      'plans', (select json_agg(json_build_object('planHash', a.plan_hash, 'by', a.by, 'at', a.at) order by a.at, a.id)
        from plan_acceptances a where a.environment_id = here.id and a.release_id = r.id),
      'checks', (select json_agg(json_build_object('kind', c.kind, 'name', c.name, 'subject', c.subject, 'state', c.state, 'answer', c.answer,
          'because', c.because, 'askAgainAt', c.due_at) order by c.asked_at, c.id)
        from gate_checks c where c.environment_id = here.id and c.release_id = r.id)`;
