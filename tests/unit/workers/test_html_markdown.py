"""HTML to Markdown: every word stays, structure is written as Markdown has it, and no nesting is too deep."""

from __future__ import annotations

import re
import time
from html.parser import HTMLParser

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from desktop_app.workers.import_worker.html_markdown import HtmlMarkdown


def converted(html: str) -> str:
    converter = HtmlMarkdown()
    converter.feed(html)
    converter.close()
    return converter.text


@pytest.mark.parametrize(
    ("html", "markdown"),
    [
        ("<h2>A <b>b</b>\n c</h2>text", "## A **b** c\n\ntext\n"),
        ("<p>one <b> bold </b>and <i>it</i><br>next", "one **bold** and *it*\\\nnext\n"),
        ("<b><div>one</div><div>two</div></b>", "**one**\n\n**two**\n"),
        ("<a href='https://x.y/z'>a <b>link</b></a>", "[a **link**](https://x.y/z)\n"),
        ("<a href='https://x.y/z'>https://x.y/z</a>", "<https://x.y/z>\n"),
        ("<a href='javascript:x()'>text</a>", "text\n"),
        ("<ul><li>a<ul><li>b</ul><li>c</ul>", "- a\n  - b\n- c\n"),
        ("<ol start=3><li>a<li>b</ol>", "3. a\n4. b\n"),
        ("<ul><li><p>a</p><p>b</p></li></ul>", "- a\n\n  b\n"),
        ("<blockquote><p>a</p><p>b</p></blockquote>c", "> a\n>\n> b\n\nc\n"),
        ("<pre><code class='language-py'>x = 1\n  y</code></pre>", "```py\nx = 1\n  y\n```\n"),
        ("<pre>```</pre>", "````\n```\n````\n"),
        (
            "<div style='--en-codeblock:true;'><div>x</div><div><br></div><div>*y*</div></div>z",
            "```\nx\n\n*y*\n```\n\nz\n",
        ),
        ("a <code>b`c</code>", "a ``b`c``\n"),
        ("<table><tr><th>A<th>B<tr><td>1|2<td><p>x<p>y</table>", "| A | B |\n| --- | --- |\n| 1\\|2 | x y |\n"),
        (
            "<table><caption>What <b>they</b> cost</caption><tr><th>A<th>B<tr><td>1<td>2</table>",
            "What **they** cost\n\n| A | B |\n| --- | --- |\n| 1 | 2 |\n",
        ),
        (
            "<p>ink<a href='#n1' role='doc-noteref'><sup>1</sup></a> <a href='#n1'>see</a><hr><ol><li id='n1'><p>Old."
            "<p>More. <a href='#r1' role='doc-backlink'>^</a></ol><p id='n1'>end",
            "ink[^1] [see](#n1)\n\n---\n\n[^1]: Old.\n\n    More.\n\nend\n",
        ),
        ("<a href='#footnotes1'>See below</a>", "[See below](#footnotes1)\n"),
        ("<p>see <a href='#fn3'>the third</a></p>", "see [the third](#fn3)\n"),
        (
            "<p>a<sup><a href='#cite_note-Ann-2'>[2]</a></sup><ol><li id='cite_note-Ann-2'>"
            "<a href='#cite_ref-Ann_2-0'>^</a> c",
            "a[^1]\n\n[^1]: c\n",
        ),
        (
            "<p>a<sup><a href='#cite_note-7'>[7]</a></sup><ol><li id='cite_note-6'>b<li id='cite_note-7'>"
            "<a href='#cite_ref-7'>^</a> c</ol>",
            "a[^1]\n\n1. b\n[^1]: c\n",
        ),
        (
            "<table><tr><th colspan=2>A<th>B<tr><td rowspan=2>1<td>2<td>3<tr><td>4<td>5<tr><td>6<td>7<td>8</table>",
            "| A |  | B |\n| --- | --- | --- |\n| 1 | 2 | 3 |\n|  | 4 | 5 |\n| 6 | 7 | 8 |\n",
        ),
        (
            "<table><tr><td>1<td rowspan=3>2<tr><td>3<tr><tr><td>4<td>5</table>",
            "| 1 | 2 |\n| --- | --- |\n| 3 |  |\n| 4 | 5 |\n",
        ),
        ("<table><tr><td colspan=3>only<tr><td colspan=3>to place</table>", "only\n\nto place\n"),
        ("<table><tr><td>only to<tr><td>place things</table>", "only to\n\nplace things\n"),
        ("<ul><li><input type=checkbox checked> a<li><input type=checkbox> b</ul>", "- [x] a\n- [ ] b\n"),
        ("<ul style='--en-todo:true;'><li style='--en-checked:true;'>a<li>b</ul>", "- [x] a\n- [ ] b\n"),
        ("<p># a<p>1. b<p>- c<p>+", "\\# a\n\n1\\. b\n\n\\- c\n\n\\+\n"),
        ("<p>5 * 3 and *a* `b`", "5 * 3 and \\*a\\* \\`b\\`\n"),
        ("<img src='a b.png' alt='p'>", "![p](<a b.png>)\n"),
        ("<img src='data:image/png;base64,AAAA' alt='p'>", "![p](data:image/png;base64)\n"),
        ("a<script>b</script><style>c</style><!-- d -->e", "ae\n"),
        ("&lt;b&gt; &amp;&nbsp;&#8364;", "<b> & €\n"),
        (
            "<span style='font-weight: 700'>b</span> <span style='font-style:italic'>i</span> "
            "<b style='font-weight:normal'>n</b>",
            "**b** *i* n\n",
        ),
        ("<mark>a</mark> <span style='--en-highlight:yellow;background-color:#ffef9e;'>b</span>", "==a== ==b==\n"),
        ("x<sup>2</sup> H<sub>2</sub>O a<sup>th</sup>", "x² H₂O ath\n"),
        ("<a href='p.png'><img src='p.png'></a><a href='x'><img src='p.png'></a>", "![](p.png)[![](p.png)](x)\n"),
        ("<details><summary style='font-size:1.5em'>T</summary><div class='indented'>x</div></details>", "## T\n\nx\n"),
        (
            "<figure class='callout'><div><span class='icon'>💡</span></div><div><p>a<p>b</div></figure><p>c",
            "> 💡 a\n>\n> b\n\nc\n",
        ),
        ("<figure class='callout'><div>no icon</div></figure>", "> no icon\n"),
        ("<figure class='callout'><div>💡</div></figure>c", "> 💡\n\nc\n"),
        (
            "<p>at <span class='katex'><math><mi>y</mi><annotation encoding='application/x-tex'>y_1*2</annotation>"
            "</math><span>y</span></span> end",
            "at $y_1*2$ end\n",
        ),
        (
            "<figure class='equation'><style>x</style><span class='katex-display'><span class='katex'><math><mi>x</mi>"
            "<annotation encoding='application/x-tex'>x\n= 1</annotation></math></span></span></figure>z",
            "$$\nx\n= 1\n$$\n\nz\n",
        ),
        ("<math><mi>x</mi><mo>=</mo></math> <b>y</b>", "x= **y**\n"),
        (
            "<a class='bookmark source' href='https://x.y'><div class='bookmark-title'>T</div>"
            "<div class='bookmark-description'>d</div><div class='bookmark-href'><img src='https://x.y/i.ico'>https://x.y</div></a><p>z",
            "[T](https://x.y)\n\nd\n\nz\n",
        ),
        (
            "<a class='bookmark' href='https://x.y'><div class='bookmark-href'>https://x.y</div></a>",
            "<https://x.y>\n",
        ),
        ("<p data-tag='to-do'>a<p data-tag='to-do:completed'>b", "- [ ] a\n- [x] b\n"),
        (
            "<td><span class='selected-value'>a</span><span class='selected-value'>b</span> <time>@May 1</time>",
            "a, b May 1\n",
        ),
        ("<div style='--en-codeblock:true;--en-syntaxLanguage:python'><div>x</div></div>", "```python\nx\n```\n"),
        ("", ""),
        ("<p>x</p><table><tr><td></td><td> </td></tr></table>", "x\n"),
        ("<table><td><td>", ""),
    ],
)
def test_what_is_written(html: str, markdown: str) -> None:
    assert converted(html) == markdown


_TAGS = re.findall(
    r"\w+", "b i a p div ul ol li table tr td th blockquote pre code h1 br span title img hr details summary"
)


@example(["<title>", "one", "<p>", "two"])
@given(
    st.lists(
        st.one_of(
            st.sampled_from([f"<{tag}>" for tag in _TAGS] + [f"</{tag}>" for tag in _TAGS]),
            st.from_regex(r"[a-z]{3,8}", fullmatch=True),
        ),
        max_size=40,
    )
)
def test_no_word_is_lost_however_broken_the_html_is(parts: list[str]) -> None:
    words = [part for part in parts if not part.startswith("<")]
    converter = HtmlMarkdown()
    converter.feed(" ".join(parts))
    converter.close()
    found = re.findall(r"[a-z]{3,8}", f"{converter.title} {converter.text}")
    assert sorted(found) == sorted(words)


@pytest.mark.parametrize("tag", ["div", "blockquote", "b", "ul><li", "table><tr><td", "a href=x"])
def test_nesting_without_end(tag: str) -> None:
    text = converted(f"<{tag}>x" * 5_000)
    assert text.count("x") >= 5_000
    assert len(text) < 1_000_000


@pytest.mark.parametrize(
    "mark", ["<!--", "<!-- x --", "<a", "<a ", "</", "</a", "<?", "<!", "<![CDATA[", "<b x='", "<!--<b>", "<![if x<b>"]
)
def test_marks_that_nothing_closes_take_no_longer_the_more_there_are(mark: str) -> None:
    seconds = []
    for count in (2_000, 40_000):
        started = time.process_time()
        converter = HtmlMarkdown()
        converter.feed("<p>before</p>" + mark * count)
        converter.close()
        seconds.append(time.process_time() - started)
        assert converter.text.startswith("before")
    assert seconds[1] < 60 * seconds[0] + 0.2


@pytest.mark.parametrize(
    "page",
    [
        "a <!-- hidden --> b < c",
        "<p>1 < 2 and <b>x</b> <",
        "<![CDATA[raw]]> after <!-- one --> <i>two</i> <![endif]-->",
        "<a href='x<!--y'>z</a>",
        "<!-- open <b>bold</b>",
    ],
)
def test_what_is_closed_is_read_as_ever(page: str) -> None:
    def read(of: type[HtmlMarkdown]) -> str:
        converter = of()
        converter.feed(page)
        converter.close()
        return converter.text

    class Plain(HtmlMarkdown):
        def feed(self, data: str) -> None:
            HTMLParser.feed(self, data)

    if page.startswith("<!-- open"):
        assert "bold" in read(HtmlMarkdown)  # nothing behind it is lost
    else:
        assert read(HtmlMarkdown) == read(Plain)


def test_cells_that_cover_a_whole_wall_cost_nothing() -> None:
    cell = "<td colspan=9999 rowspan=9999>x"
    text = converted("<table>" + f"<tr>{cell * 20}" * 200 + "</table>")
    assert text.count("x") == 4_000
    assert text.count("|") < 60_000
