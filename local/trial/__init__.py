"""A trial of the whole relay: invented visitors who sign up, and the books of what became of every sign-up."""
