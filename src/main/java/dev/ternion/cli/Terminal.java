package dev.ternion.cli;

/**
 * Where the output goes. The launcher script knows and says so in system properties.
 *
 * @param out whether stdout is a terminal
 * @param err whether stderr is a terminal
 * @param columns width of stderr in characters
 */
record Terminal(boolean out, boolean err, int columns) {
    private static final int DEFAULT_COLUMNS = 100;

    /** No terminal at all. */
    static final Terminal NONE = new Terminal(false, false, DEFAULT_COLUMNS);

    /** As the launcher script found it; none without the script. */
    static Terminal detect() {
        int columns = Integer.getInteger("ternion.columns", DEFAULT_COLUMNS);
        return new Terminal(
                Boolean.getBoolean("ternion.tty.out"),
                Boolean.getBoolean("ternion.tty.err"),
                columns < 20 ? DEFAULT_COLUMNS : columns);
    }
}
