package dev.ternion.cli;

import java.util.List;

/** What the process answers; `bin/ternion --help` and the README list the same. */
final class ExitCode {
    static final int OK = 0;
    static final int JOB_FAILED = 1;
    static final int USAGE = 2;
    static final int SPEC_INVALID = 3;
    static final int UNAVAILABLE = 4;
    static final int TIMED_OUT = 5;
    static final int AUTH = 7;
    static final int NOT_FOUND = 8;
    static final int INTERNAL = 70;
    /** EX_IOERR of sysexits. */
    static final int STORE_LOST = 74;

    static final int INTERRUPTED = 130;

    /** Code and meaning, for the help; the code and the text are divided by a colon. */
    static final List<String> HELP = List.of(
            OK + ":done",
            JOB_FAILED
                    + ":the job FAILED, EXPIRED or was CANCELLED; doctor, conformance, bench, backup, restore, audit, verify: something is broken",
            USAGE + ":wrong use, or the resource is not in the state that the command needs",
            SPEC_INVALID + ":job file, data set or model refused",
            UNAVAILABLE + ":no server, queue full, quota or disk space used up",
            TIMED_OUT + ":--timeout is over; the job still runs",
            AUTH + ":not allowed",
            NOT_FOUND + ":no such job, model, data set or file",
            INTERNAL + ":a bug, in the server or here",
            STORE_LOST
                    + ":serve: jobs can no longer be stored; the server has ended before it acknowledged anything more",
            INTERRUPTED + ":interrupted while following; the job still runs");

    private ExitCode() {}
}
