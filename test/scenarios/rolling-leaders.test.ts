import { tryRolling } from './rolling-leaders.ts';

tryRolling('haproxy');
