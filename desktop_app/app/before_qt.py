"""What the window needs before its first picture and what knows nothing of Qt, so that it is imported before Qt.

Once shiboken is loaded it reads the source of every module that is imported, which costs each of them a part of a
millisecond and more.
"""

import desktop_app.app.container
import desktop_app.app.single_instance
import desktop_app.domain.chat_markdown
import desktop_app.domain.context_budget
import desktop_app.domain.markdown_blocks
import desktop_app.engines.decoder
import desktop_app.engines.encoder
import desktop_app.services.chat
import desktop_app.services.model_library
import desktop_app.services.model_session
import desktop_app.services.notes
import desktop_app.settings.values
import desktop_app.storage.store  # noqa: F401
