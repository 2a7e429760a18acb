/** The routes of the API for scripts. What operators of the server do is in operators.ts. */
import { Follows } from '../../chat/follow.ts';
import type { Hub } from '../../chat/hub.ts';
import { Publisher } from '../../chat/publish.ts';
import type { Route } from '../route.ts';
import { followRoute } from './follow.ts';
import { meRoute } from './me.ts';
import { messageRoutes } from './messages.ts';
import { privateRoute } from './private.ts';
import { roomRoutes } from './rooms.ts';
import { searchRoute } from './search.ts';
import { tokenRoutes } from './tokens.ts';

/** The API of a hub, and what ends its streams. */
export function scripts(hub: Hub): { readonly routes: readonly Route[]; close(): void } {
  const follows = new Follows(hub);
  return {
    routes: apiRoutes({ hub, publisher: new Publisher(hub), follows }),
    close: () => follows.stop(),
  };
}

/** `follows` is to be stopped before the server is: its streams end then. */
export interface ApiParts {
  readonly hub: Hub;
  readonly publisher: Publisher;
  readonly follows: Follows;
}

export function apiRoutes({ hub, publisher, follows }: ApiParts): Route[] {
  return [
    ...roomRoutes(hub),
    ...messageRoutes(hub, publisher),
    followRoute(follows, hub.log),
    privateRoute(publisher),
    searchRoute(hub),
    meRoute(hub),
    ...tokenRoutes(hub),
  ];
}
