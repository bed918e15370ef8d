"""The script that a build starts with. It is not desktop_app/__main__.py itself: the folder of this script comes first
where PyInstaller looks for modules, and must hold nothing else that could be imported.
"""

import sys

from desktop_app.__main__ import main

if __name__ == "__main__":
    sys.exit(main())
