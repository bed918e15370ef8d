"""The throw-away process that reads one file of a stranger to text."""
