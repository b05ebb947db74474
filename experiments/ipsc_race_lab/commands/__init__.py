"""The commands: arguments, in the order of a command line; no statistics, no files, no words of their own."""
