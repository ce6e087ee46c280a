"""`make demo`: a story of sign-ups and trouble on the embedded stack, which checks itself by its books."""
