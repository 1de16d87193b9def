// The plan in force, as the API shows it.

import { z } from 'zod';
import { instant, positionField } from './common.js';

const orNull = (what: string) => z.number().nullable().describe(what);

const periodSchema = z.object({
  from: instant,
  to: instant,
  limitW: orNull('What the grid connection lets through, less its reserve; null: no limit'),
  otherLoadW: orNull('What flows there beside the plan: load that nobody controls, stations without a plan'),
  pvW: orNull('Forecast of the photovoltaics'),
  carsW: orNull('The sum of what is planned for connectors'),
  expectedCarsW: orNull("Kept free for cars that the site's habits expect"),
  batteryW: orNull('Into the battery; negative: out of it; null: there is none'),
  batteryWh: orNull('What the battery holds at the end of the period'),
  gridW: orNull('The sum of all; negative: fed back'),
  importPerKwh: orNull('Money per kWh drawn'),
  exportPerKwh: orNull('Money per kWh fed back'),
  co2KgPerKwh: orNull('Kilograms of CO2 per kWh drawn; 0 where nobody said'),
});

const connectorSchema = z.object({
  connector: z.string(),
  session: z.string(),
  departsAt: instant.nullable().describe('As the plan reckons with it'),
  departureKnown: z
    .boolean()
    .nullable()
    .describe('Said, written in the site file or learned; false: a guess'),
  needWh: orNull('What it still wanted when the plan was made, in the car; null: not known'),
  plannedWh: orNull('What the plan is to give it from then on, in the car, by the programme before minima'),
  unservedWh: z.number().describe('What it will not have got by its departure, or by the end of the plan'),
  limitA: z
    .array(z.number())
    .readonly()
    .describe(
      'Amperes on each of its phases, one for each of `periods`, as the limits follow them: 0 or at least its minimum; negative: it feeds back',
    ),
  powerW: z.array(z.number()).readonly().nullable().describe('The same at the grid, watts'),
});

export const planSchema = z
  .object({
    site: z.string(),
    status: z.enum(['optimal', 'deadline']).describe('`deadline`: the best that was found in time'),
    madeAt: instant,
    from: instant.describe('Start of the first period'),
    to: instant.describe('End of the last period'),
    timeZone: z.string(),
    periodS: z.int(),
    currentPeriod: z.int().describe('Which of `periods` runs now'),
    currency: z.string().nullable().describe('Of all money here; null: the site file names none'),
    cost: z
      .object({
        energy: z.number().describe("What the site's energy costs in all periods, that of other loads too"),
        demand: z.number().describe('What a new peak of the month costs'),
      })
      .describe('Money'),
    objective: z
      .number()
      .describe('All that was minimised, with what is not served; of use to compare plans'),
    demandCharge: z
      .object({
        perKw: z.number().describe('Money per kW of the highest quarter-hour of the month'),
        peakSoFarW: orNull('The highest quarter-hour of the month before the plan'),
        plannedPeakW: orNull('The highest with the plan'),
      })
      .nullable()
      .describe('null: the site pays none'),
    periods: z.array(periodSchema).readonly(),
    connectors: z.array(connectorSchema).readonly(),
    battery: z
      .object({
        node: z.string().nullable(),
        capacityWh: orNull('What it holds when it is full'),
        reserveWh: orNull('What always stays in it'),
        storedWh: z.number().describe('When the plan was made'),
        measuredAt: instant
          .nullable()
          .describe('When it last told; null: never, it is reckoned from the plans'),
      })
      .nullable()
      .describe('null: there is none'),
    position: positionField.describe('The last event that the state behind this answer knows of'),
  })
  .meta({
    id: 'Plan',
    description:
      'How the power is to be shared over the periods to come. What is null was not recorded by the release that made the plan, or is not there.',
  });
