"""Slack: workspaces that others connect."""
