"""A model's family is told by its tokens, its architecture and what its broken template writes."""

from __future__ import annotations

import pytest

from desktop_app.domain.built_in_templates import BuiltInTemplate, recognise

LLAMA3 = {"<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"}
CHATML = {"<|im_start|>", "<|im_end|>"}


@pytest.mark.parametrize(
    ("architecture", "name", "source", "tokens", "expected"),
    [
        ("qwen3", "Qwen", "", CHATML, BuiltInTemplate.CHATML),
        ("llama", "Meta Llama 3.1", "", LLAMA3, BuiltInTemplate.LLAMA3),
        ("llama", "Hermes", "{{ '<|im_start|>' }", LLAMA3 | CHATML, BuiltInTemplate.CHATML),
        ("llama", "Hermes", "{{ '<|start_header_id|>' }", LLAMA3 | CHATML, BuiltInTemplate.LLAMA3),
        ("gemma3", "it", "", {"<start_of_turn>", "<end_of_turn>"}, BuiltInTemplate.GEMMA),
        ("qwen2", "it", "", {"<start_of_turn>", "<end_of_turn>"}, None),
        ("phi3", "Phi 3 mini", "", {"<|user|>", "<|assistant|>", "<|end|>"}, BuiltInTemplate.PHI3),
        ("llama", "Mistral", "[INST]", {"[INST]", "[/INST]"}, BuiltInTemplate.MISTRAL),
        ("llama", "x", "{{ '[INST] <<SYS>>' }", set(), BuiltInTemplate.LLAMA2),
        ("llama", "zephyr-7b-beta", "", set(), BuiltInTemplate.ZEPHYR),
        ("llama", "x", "{{ '<|assistant|>' }", set(), BuiltInTemplate.ZEPHYR),
        ("llama", "Vicuna 7B", "", set(), BuiltInTemplate.VICUNA),
        ("llama", "x", "### Instruction:", set(), BuiltInTemplate.ALPACA),
        ("llama", "x", "{% for %}", {"<|im_start|>"}, None),
        ("", "", "", set(), None),
    ],
)
def test_the_family_is_recognised_or_none_is_offered(
    architecture: str, name: str, source: str, tokens: set[str], expected: BuiltInTemplate | None
) -> None:
    assert recognise(architecture, name, source, tokens.__contains__) is expected


@pytest.mark.parametrize("template", BuiltInTemplate)
def test_every_family_has_a_source_and_writes_its_own_tokens(template: BuiltInTemplate) -> None:
    source = template.source()
    assert template.family
    for token in template.control_tokens:
        if token not in ("<|user|>", "<|assistant|>"):  # put together from the role
            assert token in source
