// GetVariables, SetVariables, GetBaseReport and GetReport (OCPP 2.0.1 B05-B08).

import type { Reply, StationControl } from '../dialect.js';
import { type Handler, on, status } from '../handler.js';
import { int, list, nat, object, oneOf, optional, type Read, text } from '../shape.js';
import { ITEMS_PER_MESSAGE, reportOf, type Variable, variables201 } from './variables.js';

const ITEMS_MAX = 1000;
const component = object({
  name: text(50),
  instance: optional(text(50)),
  evse: optional(object({ id: nat, connectorId: optional(nat) })),
});
const variable = object({ name: text(50), instance: optional(text(50)) });
const attributeType = optional(oneOf('Actual', 'Target', 'MinSet', 'MaxSet'));

const getItem = object({ attributeType, component, variable });
const setItem = object({ attributeType, attributeValue: text(1000), component, variable });

interface Found {
  readonly status: 'Accepted' | 'UnknownComponent' | 'UnknownVariable' | 'NotSupportedAttributeType';
  readonly variable: Variable | null;
}

function find(variables: readonly Variable[], item: Read<typeof getItem>): Found {
  const place = variables.filter(
    (v) =>
      v.component.toLowerCase() === item.component.name.toLowerCase() &&
      v.evseId === (item.component.evse?.id ?? null) &&
      v.connectorId === (item.component.evse?.connectorId ?? null),
  );
  if (place.length === 0) return { status: 'UnknownComponent', variable: null };
  const named = place.find(
    (v) => v.name.toLowerCase() === item.variable.name.toLowerCase() && v.instance === item.variable.instance,
  );
  if (named === undefined) return { status: 'UnknownVariable', variable: null };
  const actual = (item.attributeType ?? 'Actual') === 'Actual';
  return { status: actual ? 'Accepted' : 'NotSupportedAttributeType', variable: named };
}

const present = (entries: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(entries).filter(([, value]) => value !== null));

const named = (item: Read<typeof getItem>): Record<string, unknown> =>
  present({
    attributeType: item.attributeType,
    component: present({
      ...item.component,
      evse: item.component.evse === null ? null : present(item.component.evse),
    }),
    variable: present(item.variable),
  });

const getResult = (variables: readonly Variable[], item: Read<typeof getItem>): Record<string, unknown> => {
  const found = find(variables, item);
  const value = found.status === 'Accepted' ? { attributeValue: found.variable?.setting.read() ?? '' } : {};
  return { ...named(item), attributeStatus: found.status, ...value };
};

const setResult = (variables: readonly Variable[], item: Read<typeof setItem>): Record<string, unknown> => {
  const found = find(variables, item);
  const written =
    found.status === 'Accepted' && found.variable?.setting.write?.(item.attributeValue) === true;
  const attributeStatus = found.status === 'Accepted' && !written ? 'Rejected' : found.status;
  return { ...named(item), attributeStatus };
};

function report(control: StationControl, requestId: number, variables: readonly Variable[]): void {
  const parts = Math.max(1, Math.ceil(variables.length / ITEMS_PER_MESSAGE));
  for (let seqNo = 0; seqNo < parts; seqNo++) {
    const items = variables.slice(seqNo * ITEMS_PER_MESSAGE, (seqNo + 1) * ITEMS_PER_MESSAGE);
    const payload = {
      requestId,
      generatedAt: control.stamp(),
      tbc: seqNo < parts - 1,
      seqNo,
      ...(items.length === 0 ? {} : { reportData: items.map(reportOf) }),
    };
    control.submit({ action: 'NotifyReport', payload: () => payload });
  }
}

const reportRequest = object({
  requestId: int,
  componentCriteria: optional(list(oneOf('Active', 'Available', 'Enabled', 'Problem'), 1, 4)),
  componentVariable: optional(list(object({ component, variable: optional(variable) }), 1, ITEMS_MAX)),
});

function reportReply(
  control: StationControl,
  variables: readonly Variable[],
  request: Read<typeof reportRequest>,
): Reply {
  const wanted = request.componentVariable;
  const matches = variables.filter(
    (v) =>
      wanted === null ||
      wanted.some(
        (w) => w.component.name === v.component && (w.variable === null || w.variable.name === v.name),
      ),
  );
  if (matches.length === 0) return status('EmptyResultSet');
  return status('Accepted', () => report(control, request.requestId, matches));
}

export function variableHandlers201(control: StationControl): Readonly<Record<string, Handler>> {
  const variables = variables201(control);
  return {
    GetVariables: on(object({ getVariableData: list(getItem, 1, ITEMS_MAX) }), ({ getVariableData }) => ({
      answer: { getVariableResult: getVariableData.map((item) => getResult(variables, item)) },
    })),
    SetVariables: on(object({ setVariableData: list(setItem, 1, ITEMS_MAX) }), ({ setVariableData }) => ({
      answer: { setVariableResult: setVariableData.map((item) => setResult(variables, item)) },
      afterwards: () => control.settingsChanged(),
    })),
    GetBaseReport: on(
      object({
        requestId: int,
        reportBase: oneOf('ConfigurationInventory', 'FullInventory', 'SummaryInventory'),
      }),
      ({ requestId, reportBase }) => {
        if (reportBase === 'SummaryInventory') return status('NotSupported');
        return status('Accepted', () => report(control, requestId, variables));
      },
    ),
    GetReport: on(reportRequest, (request) => reportReply(control, variables, request)),
  };
}
