"""Schemas, examples, encoder and decoder say the same.

The environment names the folder of schemas and the programs: SCHEMAS, LENDLOCK_SCHEMAS (the generator,
which also decodes as the daemons do) and PRINT_GENERATED (made-up messages out of the encoder).
"""

import copy
import json
import os
import subprocess
from pathlib import Path

import jsonschema
import pytest

FOLDER = Path(os.environ["SCHEMAS"])
GENERATOR = os.environ["LENDLOCK_SCHEMAS"]
PRINT_GENERATED = os.environ["PRINT_GENERATED"]

SCHEMAS = {
    path.stem: json.loads(path.read_text())
    for path in FOLDER.glob("*.json")
    if path.stem != "asyncapi"
}
RECORDS = sorted(set(SCHEMAS) - {"event-batch"})


def validator(name):
    return jsonschema.Draft202012Validator(SCHEMAS[name])


def example(name):
    return json.loads((FOLDER / "examples" / f"{name}.json").read_text())


def decode(name, values):
    """What the daemons' decoder says of each: (True, the message again) or (False, why)."""
    lines = "".join(json.dumps(value) + "\n" for value in values)
    done = subprocess.run(
        [GENERATOR, "--check", name],
        input=lines,
        capture_output=True,
        text=True,
        check=True,
    )
    verdicts = []
    for line in done.stdout.splitlines():
        word, rest = line.split(" ", 1)
        verdicts.append((True, json.loads(rest)) if word == "ok" else (False, rest))
    assert len(verdicts) == len(values)
    return verdicts


def test_there_is_one_of_each():
    assert len(RECORDS) > 30
    examples = {path.stem for path in (FOLDER / "examples").glob("*.json")}
    assert examples == set(SCHEMAS)


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_the_schema_is_one(name):
    jsonschema.Draft202012Validator.check_schema(SCHEMAS[name])


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_the_example_fits_its_schema(name):
    validator(name).validate(example(name))


@pytest.mark.parametrize("name", RECORDS)
def test_the_example_is_decoded_and_encoded_again(name):
    [(ok, again)] = decode(name, [example(name)])
    assert ok, again
    assert again == example(name)


def test_what_the_encoder_makes_fits():
    made = subprocess.run([PRINT_GENERATED], capture_output=True, text=True, check=True)
    validators = {name: validator(name) for name in SCHEMAS}
    seen = set()
    for line in made.stdout.splitlines():
        name, text = line.split(" ", 1)
        validators[name].validate(json.loads(text))
        seen.add(name)
    assert seen == set(RECORDS)


# The schema of an event is narrower than its record: the hub keeps what does not fit as a dead letter.
NARROWED = {("specversion",), ("type",), ("datacontenttype",)}


def wrong_values(schema, value):
    """Values that a field of this schema could be given, some right, most wrong."""
    yield None
    yield []
    if "enum" in schema:
        yield "no-such-word"
        yield schema["enum"][0]
        yield 0
    kind = schema.get("type")
    if kind == "string":
        yield 7
        yield str(value).upper() + "x"
        yield "a\nb"
        yield "x" * (schema.get("maxLength", 400) + 1)
        if "pattern" in schema and schema["pattern"].startswith("^[a-z0-9-]"):
            yield "Upper"
            yield ""
            yield "a" * 32
            yield "a" * 33
        if schema.get("format") == "date-time":
            yield "2026-11-22"
            yield "2026-11-22T00:00:00+09:00"
            yield "2026-11-22 00:00:00Z"
    elif kind == "integer":
        yield "7"
        yield 1.5
        for bound, step in (("minimum", -1), ("maximum", 1)):
            yield schema[bound]
            yield schema[bound] + step
    elif kind == "boolean":
        yield "true"
        yield 1
        yield not value
    elif kind == "array":
        yield {}
        yield [None]
    elif kind == "object":
        yield "{}"


def mutations(schema, value, path=()):
    """(path, a copy of value with one thing changed), for every field at every depth."""
    if schema.get("type") == "object" and isinstance(value, dict):
        yield path, {**value, "no-such-field": 1}
        for key, inner in schema.get("properties", {}).items():
            if key not in value:
                continue
            yield path + (key,), {k: v for k, v in value.items() if k != key}
            for wrong in wrong_values(inner, value[key]):
                yield path + (key,), {**value, key: wrong}
            for deeper, changed in mutations(inner, value[key], path + (key,)):
                yield deeper, {**value, key: changed}
    elif schema.get("type") == "array" and isinstance(value, list) and value:
        for deeper, changed in mutations(schema["items"], value[0], path + (0,)):
            yield deeper, [changed] + value[1:]


@pytest.mark.parametrize("name", RECORDS)
def test_schema_and_decoder_agree_on_what_is_wrong(name):
    changed = [
        (path, copy.deepcopy(value))
        for path, value in mutations(SCHEMAS[name], example(name))
        if path not in NARROWED
    ]
    check = validator(name)
    taken = refused = 0
    for (path, value), (ok, why) in zip(changed, decode(name, [v for _, v in changed])):
        assert check.is_valid(value) == ok, (path, value, why)
        taken += ok
        refused += not ok
    assert refused > 0


def test_batches():
    check = validator("event-batch")
    event = example("event-rental")
    assert check.is_valid([event] * 64)
    assert not check.is_valid([event] * 65)
    assert not check.is_valid([])
    assert not check.is_valid(event)
    assert not check.is_valid([{**event, "type": "lendlock.secret.told"}])
    assert not check.is_valid([{**event, "type": "lendlock.alert.raised"}])


# --- AsyncAPI ------------------------------------------------------------------------------------


def references(value):
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == "$ref":
                yield inner
            else:
                yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


def test_asyncapi_points_at_what_is_there():
    document = json.loads((FOLDER / "asyncapi.json").read_text())
    assert document["asyncapi"] == "3.0.0"
    used = set()
    for reference in references(document):
        if reference.startswith("./"):
            used.add(Path(reference).stem)
            continue
        at = document
        for part in reference.removeprefix("#/").split("/"):
            at = at[part]
    events = {name for name in SCHEMAS if name.startswith("event-")} - {"event-batch"}
    assert used == set(SCHEMAS) - events


def test_asyncapi_has_every_request_in_a_channel():
    document = json.loads((FOLDER / "asyncapi.json").read_text())
    carried = set()
    for channel in document["channels"].values():
        assert channel["address"].startswith("lendlock/v1/{site}/")
        for name in channel["parameters"]:
            assert "{" + name + "}" in channel["address"]
        assert channel["address"].count("{") == len(channel["parameters"])
        carried |= set(channel["messages"])
    assert carried == set(document["components"]["messages"])
