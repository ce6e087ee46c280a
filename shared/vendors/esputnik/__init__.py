"""eSputnik / Yespo."""
