"""Other words by which Ctrl+K finds an action: what people call it who do not know its name here."""

from __future__ import annotations

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication


def _(text: str) -> str:
    """Marks words for translation; they are translated where they are looked up."""
    return str(QT_TRANSLATE_NOOP("ActionWords", text))


OTHER_WORDS: dict[str, str] = {
    "go.settings": _("preferences options configuration customise"),
    "go.models": _("llm ai download get"),
    "search.everything": _("find look for"),
    "chat.new": _("conversation ask start"),
    "chat.writing": _("continue story completion base model"),
    "chat.temporary": _("private incognito secret"),
    "chat.keep": _("save"),
    "chat.rename": _("title name"),
    "chat.move": _("file organise folder"),
    "chat.preset": _("persona role prompt character assistant"),
    "chat.settings": _("instructions system prompt persona"),
    "chat.deleted": _("restore recover undelete"),
    "chat.show_trash": _("bin deleted recover undelete"),
    "chat.delete": _("delete remove throw away bin"),
    "chat.restore": _("recover undelete"),
    "chat.delete_forever": _("erase remove permanently"),
    "chat.show_archive": _("archived"),
    "chat.empty_trash": _("erase bin permanently"),
    "chat.export_markdown": _("save download share"),
    "chat.export_json": _("save download share"),
    "chat.import": _("ChatGPT OpenAI Open WebUI LM Studio bring in"),
    "chat.attach": _("upload pdf document file add"),
    "chat.notes": _("rag sources cite ground documents ask knowledge base"),
    "chat.notes_where": _("rag scope folder tag collection"),
    "chat.stop": _("cancel interrupt abort"),
    "chat.save_note": _("keep remember"),
    "chat.context": _("memory tokens window full"),
    "chat.tokens": _("probability logprobs confidence hesitation"),
    "chat.format": _("json schema grammar gbnf structured output"),
    "chat.regenerate": _("retry again redo"),
    "chat.regenerate_with": _("retry another model preset"),
    "chat.previous_version": _("undo earlier answer"),
    "chat.branch": _("fork copy duplicate"),
    "note.new": _("write create page document"),
    "note.quick": _("capture jot scratch inbox"),
    "note.daily": _("diary journal daily note day"),
    "note.tasks": _("to-do todo checklist checkbox due agenda action items"),
    "note.new_template": _("snippet boilerplate"),
    "note.view": _("preview edit mode"),
    "note.both": _("preview live split"),
    "note.rename": _("title name"),
    "note.move": _("file organise folder"),
    "note.tags": _("label keyword category"),
    "note.properties": _("front matter metadata yaml aliases"),
    "note.next_misspelled": _("spelling spell check typo"),
    "note.merge": _("join combine"),
    "note.insert_file": _("picture photo attachment embed"),
    "note.versions": _("history restore undo changes diff"),
    "note.about": _("backlinks table of contents headings"),
    "note.related": _("connections neighbours"),
    "note.extract": _("split refactor"),
    "note.beside": _("split pane side by side two columns"),
    "note.trash": _("bin deleted notes recover undelete"),
    "note.delete": _("delete remove throw away bin"),
    "note.restore": _("recover undelete"),
    "note.delete_forever": _("erase remove permanently"),
    "note.empty_trash": _("erase bin permanently"),
    "note.import_files": _("Evernote Joplin Notion Keep Bear docx pdf epub html enex bring in"),
    "note.import_folder": _("Obsidian vault Markdown Joplin Notion bring in"),
    "note.link_folder": _("Obsidian vault sync watch link"),
    "note.sync_folders": _("sync refresh"),
    "note.export_html": _("web page print share"),
    "note.export_pdf": _("print save paper share"),
    "note.export_docx": _("docx Microsoft Office LibreOffice save share"),
    "note.export_one": _("book compile manuscript combine collect join pdf docx word html"),
    "note.print": _("paper printer hard copy"),
    "note.export_markdown": _("save share"),
    "search.note_map": _("graph visualisation clusters"),
    "search.near_duplicates": _("similar double same copies clean up"),
    "search.self_check": _("quality test recall evaluate benchmark"),
    "index.pause": _("embedding stop continue"),
    "data.export": _("save all take out leave migrate"),
    "data.back_up": _("backup save copy"),
    "data.restore": _("backup recover go back"),
    "model.add": _("gguf llm install load decoder"),
    "model.encoder": _("embedding sentence transformers encoder semantic"),
    "settings.find": _("preferences options"),
    "settings.about": _("version license open source help privacy"),
    "help.shortcuts": _("help hotkeys keys cheat sheet how"),
    "window.quit": _("exit close leave"),
}


def other_words(action_id: str) -> str:
    """The words in the language of the window, with blanks between them; empty where an action has none."""
    words = OTHER_WORDS.get(action_id, "")
    return _translated(words) if words else ""


def _translated(text: str) -> str:
    return QCoreApplication.translate("ActionWords", text)
