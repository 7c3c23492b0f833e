package dev.ternion.cli;

import java.io.PrintStream;

/**
 * What every command has at hand.
 *
 * @param launcher starts servers
 * @param engine this machine's engine
 * @param folders data folders of this machine
 * @param access tokens of data folders
 * @param out for JSON
 * @param err for people
 * @param terminal where the two go
 * @param options global options, filled in by the parser before a command runs
 */
record Session(
        Launcher launcher,
        Engine engine,
        DataFolders folders,
        Access access,
        PrintStream out,
        PrintStream err,
        Terminal terminal,
        RootCommand options) {
    /** A line for people. */
    void say(String line) {
        err.println(line);
    }

    /** The JSON of the command: to stdout, unless only a person reads along. */
    void json(String json) {
        if (writesJson()) {
            out.println(json);
            out.flush();
        }
    }

    /** Whether JSON goes anywhere. */
    boolean writesJson() {
        return switch (options.output()) {
            case JSON -> true;
            case NONE -> false;
            case AUTO -> !terminal.out();
        };
    }

    /** Connects to the server of the options. */
    Connection connect() {
        return new Connection(options.address(), options.credentials());
    }
}
