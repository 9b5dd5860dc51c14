"""The memory of one person as an MCP server, over HTTP beside the other routes or over the streams of a process."""
