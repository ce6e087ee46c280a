"""Tests of Signup Relay."""
