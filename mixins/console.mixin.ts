import type { Service, ServiceSchema, ServiceSettingSchema } from 'moleculer';
import { OperatorSessions } from '../auth/operator-sessions.ts';
import type { Config } from '../config/config.ts';
import { Ask } from '../console/ask.ts';
import { Room } from '../console/room.ts';
import { consoleRoutes } from '../console/routes.ts';
import type { Tabs } from '../console/tabs.ts';
import type { DoorConsole } from './rest.mixin.ts';

/** What the mixin gives to its service. */
interface ConsoleService extends Service {
  room: Room;
  /** For the door, which ends them before it waits for what is under way. */
  tabs: Tabs;
}

/** What a door needs of the console: an option of `rest`. */
export function doorConsole({ access }: Config): DoorConsole {
  const sessions = new OperatorSessions(access.operatorToken);
  return { sessions, routesOf: (service) => consoleRoutes(sessions, () => (service as ConsoleService).room) };
}

/** The operator's console, behind the door of a service that has `doorConsole`. */
export function console({ namespace, environment }: Config): Partial<ServiceSchema> {
  const mixin: Partial<ServiceSchema<ServiceSettingSchema, ConsoleService>> = {
    created(this: ConsoleService) {
      const { broker, logger } = this;
      this.room = new Room({ ask: new Ask(broker), about: { namespace, environment }, logger });
      this.tabs = this.room.tabs;
    },
  };
  return mixin as Partial<ServiceSchema>;
}
