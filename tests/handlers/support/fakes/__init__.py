"""The ports in memory, one file for each of chat/ports: tables that honour their conditions."""
