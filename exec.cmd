@rem npm scripts say `exec node ...`, so that on POSIX the shell makes way for Node, and Ctrl-C ends
@rem with the exit code of the program and not of a shell. For cmd.exe this file is that command.
@%*
