"""Where jobs fail: GitHub, Gerrit with Zuul, the generic intake."""
