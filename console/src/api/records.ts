/** What the screens about people and records show; see queries.ts for those about releases. */
import { useQuery, type UseQueryResult } from '@tanstack/react-query';
import type { AuditView, ProofView } from '../../../src/api/contract/audit.ts';
import type { FindingView } from '../../../src/api/contract/doctor.ts';
import type { EventView } from '../../../src/api/contract/events.ts';
import type { EvidenceDetailView, EvidenceSignerView } from '../../../src/api/contract/evidence.ts';
import type { GrantView, MachineView, PersonView } from '../../../src/api/contract/people.ts';
import type { PasskeyView } from '../../../src/api/contract/passkeys.ts';
import type { SessionView, SignInWaysView } from '../../../src/api/contract/session.ts';
import type { TokenView } from '../../../src/api/contract/sign-in.ts';
import type { SignerView } from '../../../src/api/contract/trust.ts';
import { look, pathOf } from './call.ts';
import { keys, useOfProject } from './queries.ts';

/** As the address has it; what is empty does not matter. */
export interface EventFilter {
  readonly project: string;
  readonly kind: string;
  readonly actor: string;
  readonly environment: string;
  readonly release: string;
  readonly promotion: string;
  /** Milliseconds. */
  readonly since: string;
  readonly until: string;
  /** Where the page begins or ends; the newest events when both are empty. */
  readonly cursor: string;
  readonly before: string;
}

/** Events of one page, oldest first. */
export function useEvents(filter: EventFilter): UseQueryResult<{
  readonly events: readonly EventView[];
  readonly cursor: string | null;
}> {
  const given = Object.entries(filter).filter(([, value]) => value !== '');
  return useQuery({
    queryKey: [...keys.events, filter],
    queryFn: ({ signal }) =>
      look(`/api/v1/events/list?${new URLSearchParams([...given, ['limit', '200']]).toString()}`, signal),
  });
}

export function useAudit(isAllowed: boolean): UseQueryResult<AuditView> {
  return useQuery({
    queryKey: [...keys.events, 'log'],
    queryFn: ({ signal }) => look('/api/v1/audit', signal),
    enabled: isAllowed,
  });
}

/** A proof is for good; that there is none yet is asked again. */
export function useProof(event: string): UseQueryResult<ProofView> {
  return useQuery({
    queryKey: ['proof', event],
    queryFn: ({ signal }) => look(pathOf('/api/v1/audit/proofs/{event}', { event }), signal),
    staleTime: Infinity,
  });
}

export function useEvidence(project: string, evidence: string): UseQueryResult<EvidenceDetailView> {
  return useOfProject(project, pathOf('/api/v1/projects/{project}/evidence/{evidence}', { project, evidence }));
}

export function usePeople(): UseQueryResult<{ readonly people: readonly PersonView[] }> {
  return useWide('/api/v1/people');
}

/** To choose from; none while they are on their way. */
export function useHandles(): readonly string[] {
  return (usePeople().data?.people ?? []).map(({ handle }) => handle);
}

export function useGrants(): UseQueryResult<{ readonly grants: readonly GrantView[] }> {
  return useWide('/api/v1/grants?all=true');
}

export function useMachines(): UseQueryResult<{ readonly machines: readonly MachineView[] }> {
  return useWide('/api/v1/machines');
}

export function useEvidenceSigners(): UseQueryResult<{
  readonly signers: readonly EvidenceSignerView[];
  readonly installations: readonly { readonly key: string; readonly publicKey: string }[];
}> {
  return useWide('/api/v1/evidence-signers');
}

export function useSigners(): UseQueryResult<{ readonly signers: readonly SignerView[] }> {
  return useWide('/api/v1/signers');
}

export function useWays(): UseQueryResult<SignInWaysView> {
  return useWide('/api/v1/sign-in/ways');
}

/** Each check is tried when it is asked for. */
export function useCheckup(
  project: string | undefined,
  isAllowed = true,
): UseQueryResult<{ readonly findings: readonly FindingView[] }> {
  const path = project === undefined ? '/api/v1/doctor' : pathOf('/api/v1/projects/{project}/doctor', { project });
  return useQuery({
    queryKey: [...(project === undefined ? keys.installation : keys.project(project)), 'doctor'],
    queryFn: ({ signal }) => look(path, signal),
    enabled: isAllowed,
  });
}

export function useReadiness(): UseQueryResult<{ readonly version: string }> {
  return useWide('/readyz');
}

export function usePasskeys(): UseQueryResult<{ readonly passkeys: readonly PasskeyView[] }> {
  return useWide('/api/v1/passkeys');
}

export function useTokens(): UseQueryResult<{ readonly tokens: readonly TokenView[] }> {
  return useWide('/api/v1/tokens');
}

export function useOwnSessions(): UseQueryResult<{ readonly sessions: readonly SessionView[] }> {
  return useWide('/api/v1/me/sessions');
}

export function useSessions(): UseQueryResult<{ readonly sessions: readonly SessionView[] }> {
  return useWide('/api/v1/sessions');
}

/** What is of no project. */
function useWide<Answer>(path: string): UseQueryResult<Answer> {
  return useQuery({
    queryKey: [...keys.installation, path],
    queryFn: ({ signal }) => look<Answer>(path, signal),
  });
}
