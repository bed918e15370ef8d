"""Values as a file or a damaged store may hold them."""

from __future__ import annotations

from hypothesis import strategies as st

numbers = st.integers() | st.floats() | st.integers(10**300, 10**320) | st.just(10**4000)
json_values = st.recursive(
    st.none() | st.booleans() | numbers | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
