"""The ways out for what the outbox holds: mail on the wire, the webhook, and the dispatchers that deliver."""
