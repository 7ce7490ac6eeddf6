/** Channels, and what was told through them. */
import { useQuery, type UseQueryResult } from '@tanstack/react-query';
import type { ChannelView, NotificationInFull, NotificationView } from '../../../src/api/contract/notifications.ts';
import { look, pathOf } from './call.ts';
import { keys } from './queries.ts';

export interface Wanted {
  readonly project: string;
  readonly channel: string;
  readonly state: string;
}

export function useChannels(project: string): UseQueryResult<{ readonly channels: readonly ChannelView[] }> {
  return useFresh('/api/v1/channels', { project });
}

export function useNotifications(
  wanted: Wanted,
): UseQueryResult<{ readonly notifications: readonly NotificationView[] }> {
  return useFresh('/api/v1/notifications', { ...wanted, limit: '100' });
}

export function useNotification(notification: string): UseQueryResult<NotificationInFull> {
  return useFresh(pathOf('/api/v1/notifications/{notification}', { notification }), {});
}

/** Deliveries are no events: while one looks, they are asked for again. */
function useFresh<Answer>(path: string, given: Readonly<Record<string, string>>): UseQueryResult<Answer> {
  const search = new URLSearchParams(Object.entries(given).filter(([, value]) => value !== '')).toString();
  const full = search === '' ? path : `${path}?${search}`;
  return useQuery({
    queryKey: [...keys.installation, full],
    queryFn: ({ signal }) => look<Answer>(full, signal),
    refetchInterval: 5_000,
  });
}
