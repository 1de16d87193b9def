"""Stations that speak through the Python library `ocpp`, one of each version, against a running engine.

They boot, charge, obey a cut, and stop. Every message of the engine has to pass that library's own
schemas. Prints one line per check, `ok <what>` or `not ok <what>`; the exit code says whether all held.
"""

import argparse
import asyncio
import base64
import json
import os
import sys
import urllib.error
import urllib.parse
import urllib.request
from datetime import datetime, timezone

import websockets
from ocpp.routing import after, on
from ocpp.v16 import ChargePoint as ChargePoint16
from ocpp.v16 import call as call16
from ocpp.v16 import call_result as result16
from ocpp.v201 import ChargePoint as ChargePoint201
from ocpp.v201 import call as call201
from ocpp.v201 import call_result as result201

TOKEN = "INTEROP-TOKEN"
CONFIGURATION = {
    "ChargingScheduleAllowedChargingRateUnit": "Current",
    "ChargeProfileMaxStackLevel": "8",
    "ChargingScheduleMaxPeriods": "24",
    "MaxChargingProfilesInstalled": "10",
    "NumberOfConnectors": "1",
    "MeterValueSampleInterval": "60",
}
VARIABLES = {
    ("SmartChargingCtrlr", "RateUnit"): "A",
    ("SmartChargingCtrlr", "ProfileStackLevel"): "8",
    ("SmartChargingCtrlr", "PeriodsPerSchedule"): "24",
}


def now() -> str:
    return datetime.now(timezone.utc).isoformat().replace("+00:00", "Z")


class Checks:
    def __init__(self, prefix: str):
        self.prefix = prefix
        self.failures = 0

    def check(self, what: str, holds: bool, detail=None):
        if not holds:
            self.failures += 1
        more = "" if holds or detail is None else f": {detail}"
        print(f"{'ok' if holds else 'not ok'} {self.prefix}: {what}{more}", flush=True)


class Limits:
    """The limits of the transaction's profiles, in the order in which they came."""

    def __init__(self):
        self.queue = asyncio.Queue()

    def hear(self, purpose: str, limit: float):
        if purpose == "TxProfile":
            self.queue.put_nowait(limit)

    async def until(self, is_wanted, timeout_s: float):
        async def first():
            while True:
                limit = await self.queue.get()
                if is_wanted(limit):
                    return limit

        try:
            return await asyncio.wait_for(first(), timeout_s)
        except asyncio.TimeoutError:
            return None


class Operator:
    def __init__(self, api: str, site: str, token):
        self.url = f"{api.rstrip('/')}/api/v1/sites/{urllib.parse.quote(site)}/envelopes/operator"
        self.headers = {} if token is None else {"authorization": f"Bearer {token}"}

    def _send(self, method: str, body=None) -> int:
        headers = dict(self.headers)
        data = None
        if body is not None:
            headers["content-type"] = "application/json"
            data = json.dumps(body).encode()
        request = urllib.request.Request(self.url, data=data, headers=headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=10) as response:
                return response.status
        except urllib.error.HTTPError as error:
            return error.code

    async def cap(self, limit_a: float) -> int:
        return await asyncio.to_thread(self._send, "PUT", {"limitA": limit_a})

    async def uncap(self) -> int:
        return await asyncio.to_thread(self._send, "DELETE")


def reading(current_a: float, value_as):
    """Energy and the currents of three phases; `value_as` is how the version writes a number."""
    phases = [("Current.Import", "A", current_a, phase) for phase in ("L1", "L2", "L3")]
    for measurand, unit, value, phase in [("Energy.Active.Import.Register", "Wh", 1000, None), *phases]:
        sample = {"measurand": measurand, "value": value_as(value)}
        if phase is not None:
            sample["phase"] = phase
        yield unit, sample


class Refusals:
    """Keeps the CALLERRORs with which the library answers what fails its schemas or has no handler."""

    def __init__(self, identity, connection):
        super().__init__(identity, connection)
        self.limits = Limits()
        self.refusals = []

    async def _send(self, message):
        if json.loads(message)[0] == 4:
            self.refusals.append(message)
        await super()._send(message)

    async def ask(self, payload):
        return await self.call(payload, suppress=False)


class Station16(Refusals, ChargePoint16):
    protocol = "ocpp1.6"

    @on("GetConfiguration")
    def on_get_configuration(self, key=None, **_):
        keys = key or list(CONFIGURATION)
        known = [{"key": k, "readonly": True, "value": CONFIGURATION[k]} for k in keys if k in CONFIGURATION]
        return result16.GetConfiguration(
            configuration_key=known, unknown_key=[k for k in keys if k not in CONFIGURATION]
        )

    @on("ChangeConfiguration")
    def on_change_configuration(self, **_):
        return result16.ChangeConfiguration(status="Accepted")

    @on("ClearChargingProfile")
    def on_clear_charging_profile(self, **_):
        return result16.ClearChargingProfile(status="Accepted")

    @on("TriggerMessage")
    def on_trigger_message(self, **_):
        return result16.TriggerMessage(status="NotImplemented")

    @on("SetChargingProfile")
    def on_set_charging_profile(self, **_):
        return result16.SetChargingProfile(status="Accepted")

    @after("SetChargingProfile")
    def after_set_charging_profile(self, connector_id, cs_charging_profiles, **_):
        period = cs_charging_profiles["charging_schedule"]["charging_schedule_period"][0]
        self.limits.hear(cs_charging_profiles["charging_profile_purpose"], period["limit"])

    async def boot(self):
        return await self.ask(call16.BootNotification(charge_point_vendor="Interop", charge_point_model="Py"))

    async def status(self):
        await self.ask(call16.StatusNotification(connector_id=1, error_code="NoError", status="Preparing"))

    async def authorize(self):
        return (await self.ask(call16.Authorize(id_tag=TOKEN))).id_tag_info["status"]

    async def heartbeat(self):
        return (await self.ask(call16.Heartbeat())).current_time

    async def begin_transaction(self):
        answer = await self.ask(
            call16.StartTransaction(connector_id=1, id_tag=TOKEN, meter_start=1000, timestamp=now())
        )
        self.transaction = answer.transaction_id
        return self.transaction

    async def meter(self, current_a):
        samples = [{**sample, "unit": unit} for unit, sample in reading(current_a, str)]
        await self.ask(
            call16.MeterValues(
                connector_id=1,
                transaction_id=self.transaction,
                meter_value=[{"timestamp": now(), "sampledValue": samples}],
            )
        )

    async def stop(self):
        await self.ask(
            call16.StopTransaction(
                meter_stop=2000, timestamp=now(), transaction_id=self.transaction, id_tag=TOKEN, reason="Local"
            )
        )


class Station201(Refusals, ChargePoint201):
    protocol = "ocpp2.0.1"

    def __init__(self, identity, connection):
        super().__init__(identity, connection)
        self.transaction = f"interop-py-{os.getpid()}-{int(datetime.now().timestamp())}"

    @on("GetVariables")
    def on_get_variables(self, get_variable_data, **_):
        results = []
        for data in get_variable_data:
            value = VARIABLES.get((data["component"]["name"], data["variable"]["name"]))
            status = {"attribute_status": "UnknownVariable"}
            if value is not None:
                status = {"attribute_status": "Accepted", "attribute_value": value}
            results.append({**status, "component": data["component"], "variable": data["variable"]})
        return result201.GetVariables(get_variable_result=results)

    @on("SetVariables")
    def on_set_variables(self, set_variable_data, **_):
        return result201.SetVariables(
            set_variable_result=[
                {"attribute_status": "Accepted", "component": data["component"], "variable": data["variable"]}
                for data in set_variable_data
            ]
        )

    @on("GetBaseReport")
    def on_get_base_report(self, **_):
        return result201.GetBaseReport(status="NotSupported")

    @on("ClearChargingProfile")
    def on_clear_charging_profile(self, **_):
        return result201.ClearChargingProfile(status="Accepted")

    @on("TriggerMessage")
    def on_trigger_message(self, **_):
        return result201.TriggerMessage(status="NotImplemented")

    @on("SetChargingProfile")
    def on_set_charging_profile(self, **_):
        return result201.SetChargingProfile(status="Accepted")

    @after("SetChargingProfile")
    def after_set_charging_profile(self, evse_id, charging_profile, **_):
        period = charging_profile["charging_schedule"][0]["charging_schedule_period"][0]
        self.limits.hear(charging_profile["charging_profile_purpose"], period["limit"])

    async def boot(self):
        station = {"vendor_name": "Interop", "model": "Py"}
        return await self.ask(call201.BootNotification(charging_station=station, reason="PowerUp"))

    async def status(self):
        await self.ask(
            call201.StatusNotification(timestamp=now(), connector_status="Occupied", evse_id=1, connector_id=1)
        )

    async def authorize(self):
        answer = await self.ask(call201.Authorize(id_token={"id_token": TOKEN, "type": "ISO14443"}))
        return answer.id_token_info["status"]

    async def heartbeat(self):
        return (await self.ask(call201.Heartbeat())).current_time

    async def begin_transaction(self):
        await self.ask(
            call201.TransactionEvent(
                event_type="Started",
                timestamp=now(),
                trigger_reason="Authorized",
                seq_no=0,
                transaction_info={"transaction_id": self.transaction, "charging_state": "Charging"},
                evse={"id": 1, "connector_id": 1},
                id_token={"id_token": TOKEN, "type": "ISO14443"},
            )
        )
        return self.transaction

    async def meter(self, current_a):
        samples = [{**sample, "unit_of_measure": {"unit": unit}} for unit, sample in reading(current_a, float)]
        await self.ask(
            call201.MeterValues(evse_id=1, meter_value=[{"timestamp": now(), "sampled_value": samples}])
        )

    async def stop(self):
        await self.ask(
            call201.TransactionEvent(
                event_type="Ended",
                timestamp=now(),
                trigger_reason="StopAuthorized",
                seq_no=1,
                transaction_info={"transaction_id": self.transaction, "stopped_reason": "Local"},
                evse={"id": 1, "connector_id": 1},
            )
        )


async def begin(station, checks: Checks):
    boot = await station.boot()
    checks.check("boots", boot.status == "Accepted" and boot.interval > 0, boot)
    await station.status()
    checks.check("tells its status", True)
    authorized = await station.authorize()
    checks.check("is authorized", authorized == "Accepted", authorized)
    checks.check("learns the time", await station.heartbeat() is not None)


async def charge(station, checks: Checks, operator: Operator, options):
    transaction = await station.begin_transaction()
    checks.check("starts a transaction", transaction not in (None, 0), transaction)
    await station.meter(0)
    offered = await station.limits.until(lambda limit: limit > options.cap, options.timeout)
    checks.check(f"is given a limit above {options.cap:g} A", offered is not None)
    await station.meter(offered or 0)
    checks.check("sends meter values", True)
    status = await operator.cap(options.cap)
    checks.check("the operator may cap the site", 200 <= status < 300, status)
    cut = await station.limits.until(lambda limit: limit <= options.cap, options.timeout)
    checks.check(f"obeys the cut to {options.cap:g} A", cut is not None)
    await station.meter(cut or 0)
    status = await operator.uncap()
    checks.check("the operator may lift the cap", 200 <= status < 300, status)
    await station.stop()
    checks.check("stops", True)


async def talk(station, checks: Checks, options):
    listening = asyncio.create_task(station.start())
    try:
        await begin(station, checks)
        await charge(station, checks, Operator(options.api, options.site, options.token), options)
    finally:
        checks.check("every message passes the schemas", not station.refusals, station.refusals)
        listening.cancel()


async def run(kind, identity: str, options) -> int:
    checks = Checks(f"python ocpp {kind.protocol}")
    headers = {}
    if options.password is not None:
        basic = base64.b64encode(f"{identity}:{options.password}".encode()).decode()
        headers["Authorization"] = f"Basic {basic}"
    url = f"{options.engine.rstrip('/')}/{urllib.parse.quote(identity)}"
    try:
        async with websockets.connect(url, subprotocols=[kind.protocol], additional_headers=headers) as connection:
            checks.check("negotiates its version", connection.subprotocol == kind.protocol, connection.subprotocol)
            await talk(kind(identity, connection), checks, options)
    except Exception as error:  # Whatever it is, it is a failed check.
        checks.check("no call fails", False, repr(error))
    return checks.failures


async def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--engine", default="ws://127.0.0.1:9220/ocpp")
    parser.add_argument("--api", default="http://127.0.0.1:8220")
    parser.add_argument("--site", required=True)
    parser.add_argument("--station16", required=True)
    parser.add_argument("--station201", required=True)
    parser.add_argument("--password")
    parser.add_argument("--token")
    parser.add_argument("--cap", type=float, default=10)
    parser.add_argument("--timeout", type=float, default=60)
    options = parser.parse_args()
    # One after the other, so that each has the site to itself.
    failures = await run(Station16, options.station16, options)
    failures += await run(Station201, options.station201, options)
    return 0 if failures == 0 else 1


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
