// Simulated stations and cars that speak OCPP 1.6J and 2.0.1, and the truth about what they draw.

export {
  type ArrivalProfile,
  type Arrivals,
  type ArrivalsOptions,
  createArrivals,
  randomCar,
  type Stay,
  stays,
} from './arrivals.js';
export { BEHAVIOURS, type Behaviour, type BehaviourName, type BehaviourSetting } from './behaviour.js';
export type { Cabinet } from './cabinet.js';
export type { CarNeeds, CarPhases, CarSpec } from './car.js';
export { compositeLimit, type EvseQuery, evseLimit, type Held, stationLimit } from './composite.js';
export type { BackOff } from './connection.js';
export type { ChargingState, EvseSpec } from './evse.js';
export { createFleet, type Fleet, type FleetOptions, type StationSpec } from './fleet.js';
export type { Dial, Link, LinkHandlers } from './link.js';
export type {
  ChargingPeriod,
  ChargingProfile,
  InstalledProfile,
  ProfileLimits,
  Purpose,
  RateUnit,
} from './profile.js';
export type { Protocol } from './profile-rules.js';
export { chance, createRandom, type Random } from './random.js';
export type { StopReason } from './session.js';
export { createSimulatedStation } from './station.js';
export type { OutletState, SimulatedStation, StationEvent, StationOptions } from './station-options.js';
export { type WebSocketDialOptions, webSocketDial } from './web-socket-dial.js';
