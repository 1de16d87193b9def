// The forms of what looks ahead: what cars need, and what the plan is about. See form.ts for `error` and `meta`.

import { z } from 'zod';
import { clockEnd, clockTime, weekdays } from './clock-time.js';
import { section, slug } from './form-parts.js';
import { energy, power, powerAboveZero, time } from './quantity-schema.js';

const number = (min: number, max: number, what: string) => {
  const error = `${what}, a number from ${min} to ${max}`;
  return z.number({ error }).min(min, { error }).max(max, { error });
};
const price = () => number(-1000, 1000, 'a price per kWh').optional();

export const needsSchema = section('needs', {
  energy: energy({ max: 1_000_000, minExcluded: true, words: 'an energy above 0 Wh, at most 1 MWh' })
    .optional()
    .meta({
      title: 'energy',
      otherwise: 'as learned, or as much as it takes',
      description: 'What a car wants.',
    }),
  stay: time(60, 2_592_000, 'a time from 1 min to 720 h').optional().meta({
    title: 'time',
    otherwise: 'as learned',
    description: 'How long a car stays. With `departure`, the earlier of the two counts.',
  }),
  departure: clockTime.optional().meta({
    title: 'time of day',
    otherwise: 'as learned',
    description: 'When cars leave, in local time: `"07:30"`.',
  }),
  learn: z.boolean({ error: '`true` or `false`' }).optional().meta({
    title: 'true or false',
    default: true,
    description: "Learn from the site's own sessions what is not written here.",
  }),
}).meta({ id: 'needs', description: 'What is assumed of a car whose needs nobody has told.' });

export const tariffFormSchema = section('a part of the tariff', {
  days: weekdays.optional().meta({
    title: 'days of the week',
    otherwise: 'all',
    examples: ['mon-fri', 'sat, sun'],
    description: 'Days on which it begins.',
  }),
  from: clockTime.optional().meta({
    title: 'time of day',
    default: '00:00',
    description: 'When it begins, in local time.',
  }),
  to: clockEnd.optional().meta({
    title: 'time of day',
    default: '24:00',
    description: 'When it ends. Before `from`, it is on the next day: `from: "22:00"`, `to: "06:00"`.',
  }),
  price: number(-1000, 1000, 'a price per kWh').meta({ title: 'number', description: 'Per kWh taken.' }),
}).meta({
  id: 'tariff',
  description: 'The price in a part of the week. Where two fit, the later one holds.',
});

const node = () =>
  slug().optional().meta({ title: 'node id', otherwise: 'the root', description: 'Where it is connected.' });

export const batterySchema = section('a battery', {
  node: node(),
  capacity: energy({ max: 1e9, minExcluded: true, words: 'an energy above 0 Wh, at most 1000 MWh' }).meta({
    title: 'energy',
    description: 'What it holds when it is full.',
  }),
  charge: power.meta({ title: 'power', description: 'The most that it takes.' }),
  discharge: power.meta({ title: 'power', description: 'The most that it gives.' }),
  efficiency: number(0.3, 1, 'an efficiency').optional().meta({
    title: '0.3 to 1',
    default: 0.9,
    description: 'What comes back of what is put in.',
  }),
  reserve: energy({ max: 1e9, words: 'an energy from 0 Wh to 1000 MWh' })
    .optional()
    .meta({ title: 'energy', default: '0 kWh', description: 'What always stays in it.' }),
}).meta({ id: 'battery', description: 'A battery of the site.' });

export const pvSchema = section('photovoltaics', {
  node: node(),
  peak: powerAboveZero.meta({
    title: 'power',
    description: 'What it gives at most. The forecast arrives through the API.',
  }),
}).meta({ id: 'pv', description: "The site's own photovoltaics." });

export const planSchema = section('a plan', {
  period: time(60, 3_600, 'a time from 1 min to 1 h')
    .optional()
    .meta({ title: 'time', default: '15 min', description: 'The grain of the plan.' }),
  horizon: time(900, 172_800, 'a time from 15 min to 48 h')
    .optional()
    .meta({ title: 'time', default: '24 h', description: 'How far it looks: a whole number of periods.' }),
  deadline: time(0.1, 60, 'a time from 0.1 s to 60 s').optional().meta({
    title: 'time',
    default: '2 s',
    description: 'Working it out is broken off after this long; the plan before stands.',
  }),
  currency: z
    .string({ error: 'text of at most 8 characters, such as `EUR`' })
    .max(8, { error: 'text of at most 8 characters, such as `EUR`' })
    .optional()
    .meta({ title: 'text', otherwise: 'none', examples: ['EUR'], description: 'What all prices are in.' }),
  price: price().meta({
    title: 'number',
    default: 0,
    description: 'Per kWh taken, where no part of `tariff` fits and no price was announced.',
  }),
  exportPrice: price().meta({ title: 'number', default: 0, description: 'Per kWh fed back.' }),
  tariff: z
    .array(tariffFormSchema, { error: 'a list of parts of the week with their prices' })
    .max(50, { error: 'at most 50 parts of the week' })
    .optional()
    .meta({ title: 'list of prices', otherwise: 'none', description: 'Prices by day and time.' }),
  demandCharge: number(0, 10_000, 'a price per kW').optional().meta({
    title: 'number',
    default: 0,
    description: 'Per kW of the highest mean power of a quarter of an hour in the month.',
  }),
  co2Price: number(0, 100, 'a price per kg').optional().meta({
    title: 'number',
    default: 0,
    description: 'What a kilogram of CO2 is taken to cost. Its forecast arrives through the API.',
  }),
  battery: batterySchema.optional().meta({
    title: 'battery',
    otherwise: 'none',
    description: 'A battery that the plan charges and discharges. It tells its level through the API.',
  }),
  pv: pvSchema
    .optional()
    .meta({ title: 'photovoltaics', otherwise: 'none', description: 'What is generated on the site.' }),
  randomDelay: time(0, 1_800, 'a time from 0 s to 30 min').optional().meta({
    title: 'time',
    default: '0 s',
    description:
      'What the plan starts or changes is put off by a random time of up to this, so that sites do not all act at once.',
  }),
}).meta({
  id: 'plan',
  description: 'Looking ahead: prices, demand charge, emissions, battery and photovoltaics.',
});

export type NeedsForm = z.output<typeof needsSchema>;
export type PlanForm = z.output<typeof planSchema>;
