"""The window (PyQt6, the extra ``window``); `main.run` opens it."""
