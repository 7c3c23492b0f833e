package dev.ternion;

import dev.ternion.cli.Cli;
import java.time.Clock;

/** Entry point of {@code bin/ternion}. */
public final class Main {
    private Main() {}

    public static void main(String[] args) {
        System.exit(Cli.run(
                args,
                new LocalLauncher(),
                new LocalEngine(),
                new LocalFolders(),
                new LocalAccess(Clock.systemUTC()),
                System.out,
                System.err));
    }

    /** Ends the process without running what is left of its shutdown hooks. */
    static void halt(int status) {
        Runtime.getRuntime().halt(status);
    }
}
