"""HTTP trigger: one sign-up comes in."""
