"""The buttons of a question: `ck.predict` in a notebook."""

import html
import re
from typing import Any

import ipywidgets as w

STYLE = """<style>
.ck-ask { padding: 6px 4px; }
.ck-ask .ck-question { font-size: 15px; line-height: 1.5; }
.ck-ask button { height: auto; min-height: 32px; white-space: normal; line-height: 1.35;
  padding: 5px 14px; margin: 5px 8px 5px 5px; text-align: left; }
.ck-ask button:disabled { opacity: 1 !important; cursor: default; }
.ck-ask button.ck-other:disabled { opacity: 0.75 !important; }
.ck-ask button.ck-right { outline: 3px solid #009E73; }
.ck-ask button.ck-wrong { outline: 3px dashed #D55E00; }
.ck-ask button:focus-visible { outline: 3px solid #0072B2; outline-offset: 2px; }
.ck-ask .ck-answer { border-left: 4px solid; padding: 4px 12px; margin: 6px 0; font-size: 14px;
  line-height: 1.5; }
</style>"""


def buttons(asked: Any) -> w.VBox:
    """The question with a button for each choice; a click computes and shows the answer."""
    short = max(map(len, asked.choices)) <= 24
    flow = w.Layout(display="flex", flex_flow="row wrap" if short else "column")
    row = w.Box(layout=flow)
    said = w.HTMLMath()
    question = w.HTMLMath(f'<div class="ck-question">{rich(asked.question)}</div>')

    def clicked(button: w.Button) -> None:
        for other in row.children:
            other.disabled = True
        said.value = _says("computing …", "#8C959F")
        try:
            text = asked.choose(button.description)
            right = asked.answer().choice
        except Exception as error:  # an author's slip; the student may go on
            said.value = _says(f"The answer could not be computed: {error}", "#D55E00")
            return
        for other in row.children:
            chosen, true = other is button, other.description == right
            other.icon = "check" if true else "times" if chosen else ""
            other.add_class("ck-right" if true else "ck-wrong" if chosen else "ck-other")
        said.value = _says(text, "#009E73" if button.description == right else "#D55E00")

    def made(label: str) -> w.Button:
        button = w.Button(description=label, layout=w.Layout(width="auto", max_width="100%"))
        button.on_click(clicked)
        return button

    row.children = tuple(made(label) for label in asked.choices)
    css = w.HTML(STYLE, layout=w.Layout(display="none"))
    box = w.VBox([css, question, row, said], layout=w.Layout(width="100%", overflow="visible"))
    box.add_class("ck-ask")
    return box


def _says(text: str, color: str) -> str:
    return (
        f'<div class="ck-answer" style="border-color:{color}" role="status" aria-live="polite">'
        f"{rich(text)}</div>"
    )


def rich(text: str) -> str:
    """Text as HTML: `code` in backticks; formulas between dollars are left to MathJax."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text, quote=False))
