"""Writes golden.json: conversations, and what the published chat templates make of them.

    pip install jinja2
    python generate.py QWEN3 DEEPSEEK KIMI GPT_OSS >golden.json

The arguments are the chat_template files of
    https://huggingface.co/Qwen/Qwen3-8B                  (tokenizer_config.json)
    https://huggingface.co/deepseek-ai/DeepSeek-V3.1      (chat_template.jinja)
    https://huggingface.co/moonshotai/Kimi-K2-Thinking    (chat_template.jinja)
    https://huggingface.co/openai/gpt-oss-20b             (chat_template.jinja)

The templates of Qwen3 and gpt-oss write a last answer with its thinking. Those
of DeepSeek and Kimi drop it, so what they make of the conversation up to there,
with a prompt to generate, is followed by what the model would say.
"""

import json
import sys

import jinja2
from jinja2.sandbox import ImmutableSandboxedEnvironment


def fail(message):
    raise jinja2.exceptions.TemplateError(message)


env = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols"])
env.globals |= {"raise_exception": fail, "strftime_now": lambda form: "2025-08-05"}
qwen3, deepseek, kimi, gptoss = (env.from_string(open(path).read()) for path in sys.argv[1:5])


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


def render_qwen3(messages):
    return qwen3.render(messages=apart(messages, "reasoning_content"))


def render_deepseek(messages):
    bos = "<｜begin▁of▁sentence｜>"
    if messages[-1]["role"] != "assistant" or len(messages) > 1 and messages[-2]["role"] == "assistant":
        return deepseek.render(messages=apart(messages, "reasoning_content"), bos_token=bos)
    thinking, text = split(messages[-1])
    prompt = deepseek.render(messages=apart(messages[:-1], "reasoning_content"), bos_token=bos, add_generation_prompt=True, thinking=bool(thinking))
    return prompt + (thinking + "</think>" if thinking else "") + text + "<｜end▁of▁sentence｜>"


def render_kimi(messages):
    if messages[-1]["role"] != "assistant":
        return kimi.render(messages=apart(messages, "reasoning_content"))
    thinking, text = split(messages[-1])
    prompt = kimi.render(messages=apart(messages[:-1], "reasoning_content"), add_generation_prompt=True)
    return prompt + f"<think>{thinking}</think>{text}<|im_end|>"


def render_gptoss(messages):
    return gptoss.render(messages=apart(messages, "thinking"))


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
LATER = [said("user", "Fog?"), said("system", "Be brief."), said("assistant", "<think>Yes.</think>\nYes.")]
NAMED = [said("user", "Fog?", name="Aoife"), said("assistant", "<think>Yes.</think>\nYes.")]

golden = []
for name, messages in CASES.items():
    golden.append({"name": name, "messages": messages, "texts": {
        "qwen3": render_qwen3(messages), "deepseek": render_deepseek(messages), "kimi": render_kimi(messages), "gpt-oss": render_gptoss(messages)}})
golden.append({"name": "a system message that comes later", "messages": LATER, "texts": {
    "qwen3": render_qwen3(LATER), "deepseek": deepseek.render(messages=apart(LATER[:2], ""), bos_token="<｜begin▁of▁sentence｜>", add_generation_prompt=True, thinking=True)
    + "Yes.</think>Yes.<｜end▁of▁sentence｜>", "kimi": render_kimi(LATER)}})
golden.append({"name": "who speaks has a name", "messages": NAMED, "texts": {"qwen3": render_qwen3(NAMED), "kimi": render_kimi(NAMED)}})
print(json.dumps(golden, indent=1, ensure_ascii=False))
