import type { Health } from '../../flow/api.ts';
import type { Clock } from '../clock.ts';
import type { Store } from '../store/store.ts';
import type { Auth } from './auth.ts';
import type { Site } from './site.ts';

/** What the routes work with. */
export interface ApiContext {
  store: Store;
  clock: Clock;
  health: () => Promise<Health>;
  /** Whether it is time to let others in. */
  ready: () => boolean;
  auth: Auth;
  site: Site;
  version: string;
  /** Folder of the built page; it need not exist. */
  uiDir: string;
}
