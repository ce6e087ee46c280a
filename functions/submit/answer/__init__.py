"""Answers: JSON, pages, the snippet."""
