"""Real servers for tests: started on loopback in temporary folders, ended by pid."""
