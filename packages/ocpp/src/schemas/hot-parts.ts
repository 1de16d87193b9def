// The pieces that the hand-written schemas share, with the meaning that JSON Schema gives them:
// lengths count code points, unknown members are refused, date-times need a zone.

import { z } from 'zod';
import { isDateTime } from '../date-time.js';

function codePointsWithin(text: string, lengthMax: number): boolean {
  if (text.length <= lengthMax) return true;
  // A code point takes at most two units, so most texts that are too long are never walked.
  if (text.length > lengthMax * 2) return false;
  let count = 0;
  for (const _ of text) count += 1;
  return count <= lengthMax;
}

/** A string of at most `lengthMax` characters. */
export const text = (lengthMax: number) =>
  z
    .string()
    .refine((value) => codePointsWithin(value, lengthMax), { error: `longer than ${lengthMax} characters` });

export const dateTime = z.string().refine(isDateTime, { error: 'no date-time with a zone' });

/** OCPP 2.0.1 CustomDataType: the only open object of the version. */
export const customData = z.looseObject({ vendorId: text(255) }).optional();

export const MEASURANDS_16 = [
  'Energy.Active.Export.Register',
  'Energy.Active.Import.Register',
  'Energy.Reactive.Export.Register',
  'Energy.Reactive.Import.Register',
  'Energy.Active.Export.Interval',
  'Energy.Active.Import.Interval',
  'Energy.Reactive.Export.Interval',
  'Energy.Reactive.Import.Interval',
  'Power.Active.Export',
  'Power.Active.Import',
  'Power.Offered',
  'Power.Reactive.Export',
  'Power.Reactive.Import',
  'Power.Factor',
  'Current.Import',
  'Current.Export',
  'Current.Offered',
  'Voltage',
  'Frequency',
  'Temperature',
  'SoC',
  'RPM',
] as const;

/** OCPP 2.0.1 dropped temperature and fan speed and added the net and apparent energies. */
export const MEASURANDS_201 = [
  ...MEASURANDS_16.filter((measurand) => measurand !== 'Temperature' && measurand !== 'RPM'),
  'Energy.Active.Net',
  'Energy.Reactive.Net',
  'Energy.Apparent.Net',
  'Energy.Apparent.Import',
  'Energy.Apparent.Export',
] as const;

export const PHASES_NAMED = [
  'L1',
  'L2',
  'L3',
  'N',
  'L1-N',
  'L2-N',
  'L3-N',
  'L1-L2',
  'L2-L3',
  'L3-L1',
] as const;

export const READING_CONTEXTS = [
  'Interruption.Begin',
  'Interruption.End',
  'Other',
  'Sample.Clock',
  'Sample.Periodic',
  'Transaction.Begin',
  'Transaction.End',
  'Trigger',
] as const;

export const LOCATIONS = ['Body', 'Cable', 'EV', 'Inlet', 'Outlet'] as const;
