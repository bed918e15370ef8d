"""Templates of strangers: rendered as they should be, and harmless when they should not."""

from __future__ import annotations

import time

import pytest

from desktop_app.domain.built_in_templates import BuiltInTemplate
from desktop_app.domain.errors import TemplateError
from desktop_app.workers.decoder_worker.chat_template import ChatTemplate
from desktop_app.workers.decoder_worker.render_guard import LimitExceededError

CHATML = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


def test_renders_turns_and_the_beginning_of_the_answer() -> None:
    text = ChatTemplate(CHATML, "<s>", "</s>").render([("user", "hi")], add_generation_prompt=True)
    assert text == "<|im_start|>user\nhi<|im_end|>\n<|im_start|>assistant\n"


def test_knows_whether_instructions_have_a_turn() -> None:
    refusing = "{% if messages[0]['role'] == 'system' %}{{ raise_exception('no system') }}{% endif %}" + CHATML
    dropping = CHATML.replace("messages %}", "messages if message['role'] != 'system' %}", 1)
    assert ChatTemplate(CHATML, "", "").takes_system
    assert not ChatTemplate(refusing, "", "").takes_system
    assert not ChatTemplate(dropping, "", "").takes_system


@pytest.mark.parametrize(
    "source",
    [
        "{{ '%s-%02d' | format('a', 7) }}",
        "{{ '{}-{:>4}'.format('a', 7) }}",
        "{{ 'ab' * 3 }}",
        "{{ messages | tojson(indent=2) }}",
        "{{ strftime_now('%d %b %Y') }}",
        "{% for i in range(3) %}{% if i == 1 %}{% continue %}{% endif %}{{ i }}{% endfor %}",
        "{{ 'text' | indent(4) }}{{ 'x' | center(10) }}{{ 'a b c' | wordwrap(3) }}{{ 'abc' | truncate(8) }}",
        "{{ 7 % 4 }}{{ 2 ** 3 }}{{ messages | length }}",
    ],
)
def test_everyday_means_still_work(source: str) -> None:
    assert ChatTemplate(source, "", "").render([("user", "x")], add_generation_prompt=False)


HOSTILE = {
    "loop without output": "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}",
    "loop with output": "{% for i in range(99999) %}{% for j in range(99999) %}xxxxxxxxxx{% endfor %}{% endfor %}",
    "doubling": "{% set n = namespace(x='xxxxxxxx') %}{% for i in range(60) %}{% set n.x = n.x ~ n.x %}{% endfor %}",
    "repeated text": "{{ 'x' * 10000000000 }}",
    "repeated list": "{{ [1] * 10000000000 }}",
    "number times text": "{{ 10000000000 * 'x' }}",
    "power": "{{ 9 ** (9 ** 9) }}",
    "padding by %": "{{ '%9999999999d' % 1 }}",
    "padding by star": "{{ '%*d' % (9999999999, 1) }}",
    "padding by format": "{{ '{:9999999999}'.format(1) }}",
    "padding by nested format": "{{ '{:{}}'.format(1, 9999999999) }}",
    "padding by filter": "{{ '%9999999999d' | format(1) }}",
    "padding by method": "{{ 'x'.ljust(9999999999) }}",
    "padding by zeros": "{{ 'x'.zfill(9999999999) }}",
    "centred": "{{ 'x' | center(9999999999) }}",
    "indented": "{{ 'x\ny' | indent(9999999999) }}",
    "recursion": "{% macro m(x) %}{{ m(x) }}{% endmacro %}{{ m(1) }}",
    "classes": "{{ ''.__class__.__mro__[1].__subclasses__() }}{{ ''.__class__.x.y }}",
    "globals": "{{ raise_exception.__globals__['sys'].modules }}",
    "format to attributes": "{{ '{0.__class__.__init__.__globals__}'.format(raise_exception) }}",
    "changes what it is given": "{{ messages.append(1) }}",
    "imports": "{% import 'os' as os %}{{ os.system('true') }}",
    "includes a file": "{% include '/etc/passwd' %}",
    "does not parse": "{% for %}",
    "nests too deep": "{{ " + "(" * 5000 + "1" + ")" * 5000 + " }}",
    "too long": " " * 600_000,
    "refuses": "{{ raise_exception('Conversation roles must alternate') }}",
    "divides by zero": "{{ 1 // 0 }}",
}


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_templates_end_in_a_template_error(case: str) -> None:
    began = time.perf_counter()
    with pytest.raises(TemplateError) as caught:
        ChatTemplate(HOSTILE[case], "", "").render([("user", "x")], add_generation_prompt=True)
    # Two seconds for the probe when the template is compiled, two for the rendering.
    assert time.perf_counter() - began < 6
    assert caught.value.todo


@pytest.mark.parametrize("case", ["recursion", "nests too deep"])
def test_a_template_that_nests_too_deep_ends_far_from_pythons_own_limit(case: str) -> None:
    # At Python's limit whatever runs just then fails, too: an object's release, a hook of the interpreter.
    with pytest.raises(TemplateError) as caught:
        ChatTemplate(HOSTILE[case], "", "").render([("user", "x")], add_generation_prompt=True)
    assert isinstance(caught.value.__cause__, LimitExceededError)
    assert "calls itself too often" in caught.value.why


@pytest.mark.parametrize(
    ("end", "opens"), [("<|assistant|><think>\n", True), ("<|assistant|>", False), ("<think>\n\n</think>\n\n", False)]
)
@pytest.mark.parametrize("refuses", [False, True])
def test_a_template_that_opens_the_reasoning_is_recognised(end: str, opens: bool, refuses: bool) -> None:
    refusal = "{% if messages[0].role == 'system' %}{{ raise_exception('no') }}{% endif %}" if refuses else ""
    template = ChatTemplate(refusal + "{% for m in messages %}{{ m.content }}{% endfor %}" + end, "", "")
    assert template.opens_reasoning is opens
    assert template.takes_system is not refuses


TALK = [("system", "be brief"), ("user", "hi"), ("assistant", "yes"), ("user", "and?")]
WRITTEN = {
    BuiltInTemplate.CHATML: "<|im_start|>system\nbe brief<|im_end|>\n<|im_start|>user\nhi<|im_end|>\n"
    "<|im_start|>assistant\nyes<|im_end|>\n<|im_start|>user\nand?<|im_end|>\n<|im_start|>assistant\n",
    BuiltInTemplate.LLAMA3: "<s><|start_header_id|>system<|end_header_id|>\n\nbe brief<|eot_id|>"
    "<|start_header_id|>user<|end_header_id|>\n\nhi<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n"
    "yes<|eot_id|><|start_header_id|>user<|end_header_id|>\n\nand?<|eot_id|>"
    "<|start_header_id|>assistant<|end_header_id|>\n\n",
    BuiltInTemplate.GEMMA: "<s><start_of_turn>user\nhi<end_of_turn>\n<start_of_turn>model\nyes<end_of_turn>\n"
    "<start_of_turn>user\nand?<end_of_turn>\n<start_of_turn>model\n",
    BuiltInTemplate.PHI3: "<|system|>\nbe brief<|end|>\n<|user|>\nhi<|end|>\n<|assistant|>\nyes<|end|>\n"
    "<|user|>\nand?<|end|>\n<|assistant|>\n",
    BuiltInTemplate.MISTRAL: "<s>[INST] hi[/INST] yes</s>[INST] and?[/INST]",
    BuiltInTemplate.ZEPHYR: "<|system|>\nbe brief</s>\n<|user|>\nhi</s>\n<|assistant|>\nyes</s>\n"
    "<|user|>\nand?</s>\n<|assistant|>\n",
    BuiltInTemplate.LLAMA2: "<s>[INST] <<SYS>>\nbe brief\n<</SYS>>\n\nhi [/INST] yes </s><s>[INST] and? [/INST]",
    BuiltInTemplate.VICUNA: "<s>be brief\n\nUSER: hi\nASSISTANT: yes</s>\nUSER: and?\nASSISTANT:",
    BuiltInTemplate.ALPACA: "<s>be brief\n\n### Instruction:\nhi\n\n### Response:\nyes</s>\n\n"
    "### Instruction:\nand?\n\n### Response:\n",
}


@pytest.mark.parametrize("name", BuiltInTemplate)
def test_the_built_in_templates_write_what_their_families_were_trained_on(name: BuiltInTemplate) -> None:
    template = ChatTemplate(name.source(), "<s>", "</s>")
    assert template.takes_system is (name not in (BuiltInTemplate.GEMMA, BuiltInTemplate.MISTRAL))
    talk = TALK if template.takes_system else TALK[1:]
    assert template.render(talk, add_generation_prompt=True) == WRITTEN[name]


@pytest.mark.parametrize("case", ["does not parse", "loop without output", "too long", "refuses"])
def test_a_failure_offers_the_built_in_template_where_one_fits(case: str) -> None:
    with pytest.raises(TemplateError) as caught:
        ChatTemplate(HOSTILE[case], "", "", built_in=BuiltInTemplate.CHATML)
    assert caught.value.built_in is BuiltInTemplate.CHATML
    assert "Use the built-in template for this model (ChatML)" in caught.value.todo
    assert caught.value.why[0].isupper()
    with pytest.raises(TemplateError) as caught:
        ChatTemplate(HOSTILE[case], "", "")
    assert caught.value.built_in is None
    assert "built-in" not in caught.value.todo


def test_a_template_that_fails_only_on_instructions_is_used_without_a_turn_for_them() -> None:
    source = "{% for m in messages %}{{ 1 // (0 if m.role == 'system' else 1) }}{{ m.content }}{% endfor %}<think>"
    template = ChatTemplate(source, "", "")
    assert not template.takes_system
    assert template.opens_reasoning
