"""The ways out for what the outbox holds: mail on the wire, the webhook, and who delivers."""
