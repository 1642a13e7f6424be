"""The theme that JupyterLab is set to, as its settings file says."""

import pytest

from coursekit.viz import lab_theme, themes

HEAD = """{
    // Theme
    // @jupyterlab/apputils-extension:themes
"""


@pytest.fixture
def chosen(tmp_path, monkeypatch):
    """Writes settings as JupyterLab does; the test runs as a kernel that Lab has started."""
    monkeypatch.setenv("JPY_SESSION_NAME", "notebook.ipynb")
    monkeypatch.setenv("JUPYTERLAB_SETTINGS_DIR", str(tmp_path))
    for name, value in (("_default", themes.LIGHT), ("_chosen", False), ("_told", False)):
        monkeypatch.setattr(themes, name, value)
    file = tmp_path / lab_theme.FILE
    file.parent.mkdir(parents=True)
    return lambda text: file.write_text(text, encoding="utf-8")


@pytest.mark.parametrize("text, dark", [
    (HEAD + '    "theme": "JupyterLab Dark"\n}', True),
    (HEAD + '    "theme": "JupyterLab Dark High Contrast",\n}', True),
    (HEAD + '    "theme": "JupyterLab Light"\n}', False),
    (HEAD + '    "adaptive-theme": true,\n    "theme": "JupyterLab Dark"\n}', None),
    (HEAD + '    // "theme": "JupyterLab Dark"\n}', None),
    (HEAD + '    "theme": "Solarized Dark"\n}', None),
    (HEAD + '    "theme": null\n}', None),
    ("[1, 2]", None),
    ("not even JSON", None),
])  # fmt: skip
def test_what_the_settings_say(chosen, text, dark):
    chosen(text)
    assert lab_theme.dark() is dark
    assert themes.theme().name == ("dark" if dark else "light")


def test_nothing_is_known_without_settings_or_without_lab(chosen, monkeypatch):
    assert lab_theme.dark() is None  # no file yet
    chosen('{"theme": "JupyterLab Dark"}')
    assert lab_theme.dark()
    monkeypatch.delenv("JPY_SESSION_NAME")
    assert lab_theme.dark() is None


def test_the_folder_is_the_one_of_jupyter(chosen, tmp_path, monkeypatch):
    monkeypatch.delenv("JUPYTERLAB_SETTINGS_DIR")
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path / "config"))
    file = tmp_path / "config" / "lab" / "user-settings" / lab_theme.FILE
    file.parent.mkdir(parents=True)
    file.write_text('{"theme": "JupyterLab Dark"}', encoding="utf-8")
    assert lab_theme.dark()


def test_a_page_that_tells_and_a_choice_come_first(chosen):
    chosen('{"theme": "JupyterLab Dark"}')
    assert themes.theme().name == "dark" and themes.theme("light").name == "light"
    themes.follow(dark=False)
    assert themes.theme().name == "light"
    themes.use("dark")
    assert themes.theme().name == "dark"


def test_large_type_alone_leaves_the_rest_to_the_page(chosen):
    chosen('{"theme": "JupyterLab Dark"}')
    themes.use(projector=True)
    assert (themes.theme().name, themes.theme().projector) == ("dark", True)
    chosen('{"theme": "JupyterLab Light"}')
    assert (themes.theme().name, themes.theme().projector) == ("light", True)
