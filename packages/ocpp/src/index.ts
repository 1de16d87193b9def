// OCPP-J for the services: frames, schemas, the meaning of what stations say, and limits in their words.

export type * from './contract.js';
export { formatInstant, parseInstant } from './date-time.js';
export {
  DEPTH_MAX,
  formatCall,
  formatError,
  formatFrame,
  formatResult,
  MESSAGE_ID,
  parseFrame,
} from './frame.js';
export { meterIntervalCalls, readCapabilities, readingCalls } from './limits/capabilities.js';
export { DC_V_MAX, encodeLimit } from './limits/encode-limit.js';
export {
  type ManualProfileOptions,
  manualClears,
  manualProfile,
  UNBOUNDED_A,
} from './limits/manual-profile.js';
export { resultStatus } from './limits/result-status.js';
export { wattsAtCar } from './limits/watts.js';
export { interpretCall } from './meaning/interpret.js';
export { REDACTED, redactCall, redactFrameText, redactPayload } from './redact.js';
export { engineActions, isEngineAction, isStationAction, stationActions } from './schemas/actions.js';
export { validateCall, validateOutgoing, validateResult, warmSchemas } from './schemas/validate.js';
export { callError } from './schemas/violations.js';
