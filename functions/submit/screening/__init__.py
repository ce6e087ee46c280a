"""Screening: who may send a sign-up, and what tells bots from people."""
