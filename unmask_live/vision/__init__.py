"""One file a stage: find, track, align, segment, inpaint, blend."""
