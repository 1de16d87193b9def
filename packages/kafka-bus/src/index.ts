export { openKafkaBus } from './kafka-bus.js';
export type {
  CheckedEvent,
  JoinOptions,
  KafkaBus,
  KafkaBusOptions,
  KafkaBusStats,
  Poison,
} from './options.js';
