"""The orchestrator of the compatibility suite. Start it with ../run."""
