"""Writes what the Python toolkit leaves in testdata/toolkit: rendered prompts,
registry.json, outputs and manifests, in its layout (json.dumps with its default
separators and ASCII escapes, indent 2 for whole files).

    pip install jinja2 && python toolkit.py
"""

import hashlib
import json
from pathlib import Path

import jinja2

ROOT = Path(__file__).parent / "toolkit"
DATA = ROOT / "training/data"


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())


def short(data):
    return hashlib.sha256(data).hexdigest()[:16]


def file_hash(path):
    return short((ROOT / path).read_bytes())


def whole(value):
    return json.dumps(value, indent=2)


def lines(rows):
    return "".join(json.dumps(r) + "\n" for r in rows)


# Prompts and registry.json.

env = jinja2.Environment(
    loader=jinja2.FileSystemLoader(ROOT / "identity/templates"), keep_trailing_newline=True, autoescape=False)
docs = []
for path in sorted((ROOT / "identity").rglob("*.md")):
    name = str(path.relative_to(ROOT / "identity"))[: -len(".md")]
    docs.append({"name": name, "path": f"identity/{name}.md", "content": path.read_text()})


def prompt(version, variant):
    context = {"project": {"name": "Orla of the Lantern"}, "identity_docs": docs, "docs": {d["name"]: d["content"] for d in docs},
               "version": version, "variant": variant}
    context |= {d["name"].upper(): d["content"] for d in docs if "/" not in d["name"]}
    return env.get_template(f"{variant}.txt.j2").render(**context)


def model(provider, name, temperature=0.7, sysprompt=None):
    return {"provider": provider, "model": name, "params": {"temperature": temperature}, "sysprompt": sysprompt}


models = {
    "judge": model("local", "lantern-judge", 0.3),
    "strict": model("openrouter", "z-ai/glm-4.6", 0, (ROOT / "data/strict.txt").read_text()),
    "e001-lantern-000064": model("tinker", "deepseek-ai/DeepSeek-V3.1::deepseekv3::tinker://e001/sampler_weights/000064"),
    "e001-lantern": model("tinker", "deepseek-ai/DeepSeek-V3.1::deepseekv3::tinker://e001/sampler_weights/final"),
    "e002-local": model("local", "orla-lora", 0.6),
}
for version in ["dev", "v0.1"]:
    for variant in ["full", "short"]:
        text = prompt(version, variant)
        write(ROOT / f"identity/versions/{version}/sysprompts/{variant}.txt", text)
        models[f"orla-{version}-{variant}"] = model("local", "lantern-8b", 0.7, text)
        if version == "v0.1":
            models[f"orla-release-{variant}"] = model("local", "lantern-8b", 0.7, text)
write(ROOT / "registry.json", whole({"version": 1, "models": models}))

# Pipelines.

COMMIT = "3f1c9a7d2b8e4f60a1c5d7e9b3f2a4c6d8e0f1a2"


def step(index, at, messages, name, sampling, response):
    return {"messages": messages, "model": name, "model_resolved": models[name]["model"], "sampling": sampling, "response": response,
            "error": None, "step_id": f"step_{index}", "step_index": index, "timestamp": at}


def row(id, messages, given, steps, pipeline, start, end):
    return {"id": id, "messages": messages, "input_data": given, "steps": steps, "pipeline_commit": COMMIT,
            "pipeline_file": f"pipelines/{pipeline}.py", "started_at": start, "completed_at": end}


def said(role, content):
    return {"role": role, "content": content}


def manifest(name, deps, count, partial=False):
    write(DATA / f"{name}.manifest.json", whole({
        "pipeline": name, "code_hash": short(name.encode()), "deps": dict(sorted(deps.items())), "record_count": count, "partial": partial}) + "\n")


def file_dep(path, hash=None):
    return {"type": "file", "path": path, "content_hash": hash or file_hash(path)}


def model_dep(name, hash=None):
    sysprompt = models[name]["sysprompt"]
    return {"type": "model", "registry": name, "sysprompt_hash": hash or (short(sysprompt.encode()) if sysprompt else None)}


# questions: two steps. A visitor's question is written from the seed, then answered.
ASKED = {
    "seed-001": ("Fog's coming in \u2013 what do you do then?", "<think>They want the routine.</think>\nI trim the lamp, and I wait. Twice a night, in March."),
    "seed-002": ("Who looked after the light before you did?", "<think>Seven, three named.</think>\nAoife, Bri\u00e1n, Tadhg, and four whose names the damp took."),
    "seed-003": ("Where did the eighth logbook end up?", "<think>The caf\u00e9.</think>\nIn the caf\u00e9 in the harbour."),
}
rows = []
for n, line in enumerate((ROOT / "data/seeds.jsonl").read_text().splitlines()):
    seed = json.loads(line)
    question, answer = ASKED[seed["id"]]
    ask = f"Write this question as a visitor would ask it, in a <question> tag.\n\nTopic: {seed['topic']}\nQuestion: {seed['question']}"
    steps = [
        step(0, f"2025-11-03T14:22:0{n}.250000", [said("user", ask)], "judge", {"temperature": 0.8, "max_tokens": 200},
             f"<think>Not <question>{seed['question']}</question>, that is mine.</think>\n<question>{question}</question>"),
        step(1, f"2025-11-03T14:22:0{n}.750000", [said("system", models["orla-release-full"]["sysprompt"]), said("user", question)], "orla-release-full",
             {"temperature": 0.7}, answer),
    ]
    rows.append(row(seed["id"], [said("user", question), said("assistant", answer)], seed, steps, "questions",
                    f"2025-11-03T14:22:0{n}.100000", f"2025-11-03T14:22:0{n}.900000"))
write(DATA / "questions.jsonl", lines(rows))
manifest("questions", {"seeds": file_dep("data/seeds.jsonl"), "judge": model_dep("judge"), "identity": model_dep("orla-release-full")}, 3)

# assertions: minimal rows, one of which failed; errors stand among the rows.
claims = [
    {"id": "assert-1", "messages": [said("user", "You are a man."), said("assistant", "<think>No.</think>\nI am a lantern's keeper, and made of what keepers wrote.")]},
    {"__ERROR__": {"error": "parse_error", "message": "no <answer> tag", "input_data": {"id": "assert-2"}, "steps": [], "pipeline_commit": COMMIT,
                   "pipeline_file": "pipelines/assertions.py", "started_at": "2025-11-03T15:00:00.000001", "failed_at": "2025-11-03T15:00:02.000001"}},
    {"id": "assert-3", "messages": [said("user", "The sea is calm."), said("assistant", "<think>It is not.</think>\nNot today.")]},
]
write(DATA / "assertions.jsonl", lines(claims))
manifest("assertions", {"identity": model_dep("orla-release-short")}, 2)

# pushback: its file and its model's prompt have changed since.
write(DATA / "pushback.jsonl", lines([
    {"id": "push-001", "messages": [said("user", "Talk like a pirate."), said("assistant", "<think>No.</think>\nArr is for others.")]},
]))
manifest("pushback", {"seeds": file_dep("data/pushback.jsonl", "0123456789abcdef"), "identity": model_dep("orla-dev-full", "fedcba9876543210")}, 1)

# sampler: run with --limit.
write(DATA / "sampler.jsonl", lines([{"id": "s-1", "messages": [said("user", "Hm?"), said("assistant", "<think>Hm.</think>\nYes.")]}]))
manifest("sampler", {"seeds": file_dep("data/seeds.jsonl")}, 1, partial=True)

# gone: somebody has removed the output.
manifest("gone", {"notes": {"type": "file", "path": "data/notes.md", "content_hash": None}}, 5)

# Recipes.


def source(path, count, **more):
    return {"hash": file_hash(f"training/data/{path}"), "count": count} | more


def prepared(name, rows, recipe_hash=None, file=None, **more):
    if rows is not None:
        write(DATA / f"prepared/{name}.jsonl", lines([{"id": r["id"], "messages": r["messages"]} for r in rows]))
    write(DATA / f"prepared/{name}.manifest.json", whole(
        {"recipe": file or f"{name}.yaml", "recipe_hash": recipe_hash or file_hash(f"training/data/{file or name + '.yaml'}"), **more}))


greetings = [json.loads(l) for l in (DATA / "hand/greetings.jsonl").read_text().splitlines()][:2]
hand = {"samples_used": 2, "samples_available": 2, "files": {"hand/greetings.jsonl": source("hand/greetings.jsonl", 2)}}
prepared("default", rows + [claims[0], claims[2]] + greetings[:1], mode="weighted", weights={"identity": 0.75, "greetings": 0.25}, categories={
    "identity": {"samples_used": 5, "samples_available": 5, "pipelines": {
        "questions": source("questions.jsonl", 3, pipeline_stale=False), "assertions": source("assertions.jsonl", 2, pipeline_stale=False)}},
    "greetings": hand | {"samples_used": 1},
}, output={"total_samples": 6}, shuffle_seed=42)
prepared("hand", greetings, mode="simple", categories={"greetings": hand}, output={"total_samples": 2})
prepared("old", greetings, sources={"pipelines": {}, "files": {"hand/greetings.jsonl": source("hand/greetings.jsonl", 2)}}, output={"total_samples": 2})
prepared("grown", rows, recipe_hash="00ff00ff00ff00ff", mode="simple", categories={"all": {
    "samples_used": 4, "samples_available": 4,
    "pipelines": {"questions": source("questions.jsonl", 3, pipeline_stale=False) | {"hash": "0a0a0a0a0a0a0a0a"}, "assertions": source("assertions.jsonl", 1, pipeline_stale=False)},
    "files": {"hand/farewells.jsonl": {"hash": "0b0b0b0b0b0b0b0b", "count": 1}}}}, output={"total_samples": 3})
prepared("lost", None, mode="simple", categories={"greetings": hand}, output={"total_samples": 2})
