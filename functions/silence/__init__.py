"""Schedule trigger: forms that expect sign-ups and get none."""
