"""Pushing to a subscriber as the Standard Webhooks specification has it: signed, under an id that stays the same."""
