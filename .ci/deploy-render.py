"""Checks what Helm rendered: python deploy-render.py <rendered.yaml> <folder of Gateway API's CRDs or ''>.

Kinds of Kubernetes itself by their schemas, strictly (kubernetes-validate); HTTPRoutes by the CRD, when it
is there. Prints a line for each document that does not hold, and fails.
"""

import pathlib
import sys

import jsonschema
import kubernetes_validate
import yaml

KUBERNETES = "1.34"
# The operator's CRDs are on no registry that is used here; its rules are checked by promtool.
UNCHECKED = {"monitoring.coreos.com/v1"}

rendered, crds = sys.argv[1], sys.argv[2]


def route_schema():
    crd = yaml.safe_load(pathlib.Path(crds, "gateway.networking.k8s.io_httproutes.yaml").read_text())
    (version,) = [v for v in crd["spec"]["versions"] if v["name"] == "v1"]
    return closed(version["schema"]["openAPIV3Schema"])


def closed(schema):
    """The API server prunes what a CRD does not name; here it is an error."""
    if isinstance(schema, dict):
        schema = {key: closed(value) for key, value in schema.items()}
        if schema.get("type") == "object" and "properties" in schema and "additionalProperties" not in schema:
            if "apiVersion" not in schema["properties"]:
                schema["additionalProperties"] = False
    elif isinstance(schema, list):
        schema = [closed(item) for item in schema]
    return schema


failed = 0
checked = 0
names = set()
for document in yaml.safe_load_all(pathlib.Path(rendered).read_text()):
    if document is None:
        continue
    name = (document["kind"], document["metadata"]["name"])
    try:
        if name in names:
            raise ValueError("is there twice")
        names.add(name)
        if document["apiVersion"] in UNCHECKED:
            continue
        if document["apiVersion"].startswith("gateway.networking.k8s.io/"):
            if crds:
                jsonschema.validate(document, route_schema())
                checked += 1
            continue
        kubernetes_validate.validate(document, KUBERNETES, strict=True)
        checked += 1
    except Exception as error:  # Whatever is wrong with it is told with its name.
        print(f"{'/'.join(name)}: {getattr(error, 'message', error)}")
        failed += 1
print(f"{checked} checked")
sys.exit(1 if failed or not checked else 0)
