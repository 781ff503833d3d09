"""Writes golden.json: conversations, and what the published chat templates make of them.

    pip install jinja2
    python generate.py qwen3=FILE deepseek=FILE …

A FILE is the chat template of a family. Texts of families that are not named stay as they are in golden.json.

    qwen3          https://huggingface.co/Qwen/Qwen3-8B                    (tokenizer_config.json)
    deepseek       https://huggingface.co/deepseek-ai/DeepSeek-V3.1        (chat_template.jinja)
    deepseek-r1    https://huggingface.co/deepseek-ai/DeepSeek-R1          (tokenizer_config.json)
    deepseek-v3    https://huggingface.co/deepseek-ai/DeepSeek-V3-0324     (tokenizer_config.json)
    kimi           https://huggingface.co/moonshotai/Kimi-K2-Thinking      (chat_template.jinja)
    kimi-instruct  https://huggingface.co/moonshotai/Kimi-K2-Instruct      (chat_template.jinja, as first published)
    gpt-oss        https://huggingface.co/openai/gpt-oss-20b               (chat_template.jinja)

The templates were read in the copies that others keep: qwen3, gpt-oss and deepseek-r1 in TRL (there as deepseekv3.jinja), deepseek, kimi and
kimi-instruct in llama.cpp, deepseek-v3 in the metadata of a GGUF file.

The templates of Qwen3 and gpt-oss write a last answer with its thinking. Those of DeepSeek-V3.1, DeepSeek-R1 and Kimi-K2-Thinking drop it, so what
they make of the conversation up to there, with a prompt to generate, is followed by what the model would say. Those of DeepSeek-V3 and
Kimi-K2-Instruct know no thinking: a last answer is text, whatever it holds, and earlier ones are sent without.
"""

import json
import sys

import jinja2
from jinja2.sandbox import ImmutableSandboxedEnvironment


def fail(message):
    raise jinja2.exceptions.TemplateError(message)


env = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols"])
env.globals |= {"raise_exception": fail, "strftime_now": lambda form: "2025-08-05"}
TEMPLATES = {name: env.from_string(open(path).read()) for name, path in (arg.split("=", 1) for arg in sys.argv[1:])}
BOS, EOS = "<｜begin▁of▁sentence｜>", "<｜end▁of▁sentence｜>"


def split(message):
    content = message["content"]
    if message["role"] == "assistant" and "</think>" in content:
        thinking, text = content.split("</think>", 1)
        return thinking.split("<think>", 1)[1].strip(), text.strip()
    return "", content


def apart(messages, name):
    out = []
    for m in messages:
        thinking, text = split(m)
        out.append(m | {"content": text} | ({name: thinking} if thinking else {}))
    return out


def answers(messages):
    return messages[-1]["role"] == "assistant"


def render_qwen3(template, messages):
    return template.render(messages=apart(messages, "reasoning_content"))


def render_deepseek(template, messages):
    asked = [m["role"] for m in messages[:-1] if m["role"] != "system"]
    if not answers(messages) or asked[-1] == "assistant":
        return template.render(messages=apart(messages, "reasoning_content"), bos_token=BOS)
    thinking, text = split(messages[-1])
    prompt = template.render(messages=apart(messages[:-1], "reasoning_content"), bos_token=BOS, add_generation_prompt=True, thinking=bool(thinking))
    return prompt + (thinking + "</think>" if thinking else "") + text + EOS


def render_r1(template, messages):
    if not answers(messages):
        return template.render(messages=apart(messages, ""), bos_token=BOS)
    thinking, text = split(messages[-1])
    prompt = template.render(messages=apart(messages[:-1], ""), bos_token=BOS, add_generation_prompt=True)
    return prompt + f"{thinking}\n</think>\n\n{text}{EOS}"


def render_whole(template, messages):
    return template.render(messages=apart(messages[:-1], "") + messages[-1:], bos_token=BOS)


def render_kimi(template, messages):
    if not answers(messages):
        return template.render(messages=apart(messages, "reasoning_content"))
    thinking, text = split(messages[-1])
    prompt = template.render(messages=apart(messages[:-1], "reasoning_content"), add_generation_prompt=True)
    return prompt + f"<think>{thinking}</think>{text}<|im_end|>"


def render_gptoss(template, messages):
    return template.render(messages=apart(messages, "thinking"))


FAMILIES = {
    "qwen3": render_qwen3, "deepseek": render_deepseek, "deepseek-r1": render_r1, "deepseek-v3": render_whole,
    "kimi": render_kimi, "kimi-instruct": render_whole, "gpt-oss": render_gptoss,
}


def said(role, content, **more):
    return {"role": role, "content": content} | more


CASES = {
    "one answer with thinking": [said("user", "Who are you?"), said("assistant", "<think>They want my name.</think>\nOrla, of the lantern.")],
    "one answer without thinking": [said("user", "Who are you?"), said("assistant", "Orla, of the lantern.")],
    "a system prompt": [said("system", "You are Orla.\nBe brief."), said("user", "Fog?"), said("assistant", "<think>Hm.\n\nFog – since four.</think>\n\nSince four.")],
    "earlier thinking is history": [
        said("user", "Fog?"), said("assistant", "<think>Since four.</think>\nSince four."),
        said("user", "Still?"), said("assistant", "<think>I look out.</think>\nStill.\n\nIt lifts at noon.")],
    "a last answer without thinking": [
        said("system", "You are Orla."), said("user", "Fog?"), said("assistant", "<think>Yes.</think>\nYes."), said("user", "Thanks."), said("assistant", "Fair winds.")],
    "two answers in a row": [
        said("user", "Well?"), said("assistant", "<think>First.</think>\nWait."), said("assistant", "<think>Then.</think>\nNow.")],
    "it ends with a question": [said("user", "Fog?"), said("assistant", "<think>Yes.</think>\nYes."), said("user", "Still?")],
    "text that is like markup and is none": [
        said("user", "What does <b>bold</b> & {{ this }} mean?\n"), said("assistant", "<think>{% raw %} is Jinja.</think>\n`{% raw %}` <ends> a \"quote\".\n\n```\n  code\n```")],
    "other writing": [said("user", "Qui êtes-vous ? 你是谁？"), said("assistant", "<think>Français, puis 中文.</think>\nOrla 🕯️")],
}
CASES["a system message that comes later"] = [said("user", "Fog?"), said("system", "Be brief."), said("assistant", "<think>Yes.</think>\nYes.")]
CASES["two system messages"] = [said("system", "You are Orla."), said("system", "Be brief."), said("user", "Fog?"), said("assistant", "<think>Yes.</think>\nYes.")]
CASES["it begins with an answer"] = [said("assistant", "Well met."), said("user", "Fog?"), said("assistant", "<think>Yes.</think>\nYes.")]
CASES["who speaks has a name"] = [said("user", "Fog?", name="Aoife"), said("assistant", "<think>Yes.</think>\nYes.")]

# What a template has no place for, it leaves out or ignores; a sample is not trained on so.
NO_PLACE = {
    "a system message that comes later": ["gpt-oss"], "two system messages": ["gpt-oss"],
    "who speaks has a name": ["gpt-oss", "deepseek", "deepseek-r1", "deepseek-v3", "kimi-instruct"],
}

before = {c["name"]: c["texts"] for c in json.load(open("golden.json"))}
golden = []
for name, messages in CASES.items():
    texts = {}
    for family, render in FAMILIES.items():
        if family in NO_PLACE.get(name, []):
            continue
        if family in TEMPLATES:
            texts[family] = render(TEMPLATES[family], messages)
        elif family in before.get(name, {}):
            texts[family] = before[name][family]
    golden.append({"name": name, "messages": messages, "texts": texts})
with open("golden.json", "w") as f:
    f.write(json.dumps(golden, indent=1, ensure_ascii=False) + "\n")
