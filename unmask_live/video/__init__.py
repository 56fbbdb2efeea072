"""Where frames come from and where they go: video files and still pictures."""
