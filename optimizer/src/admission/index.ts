export { admit } from './admit.js';
export {
  type Admission,
  type AdmissionInput,
  type AdmissionScratch,
  createAdmissionScratch,
  TIER,
} from './input.js';
export { type Standing, standingOf, type TurnOf, type TurnRules } from './turns.js';
