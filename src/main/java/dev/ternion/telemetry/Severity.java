package dev.ternion.telemetry;

/** How much a line of a log matters, rising. */
public enum Severity {
    /** Normal. */
    INFO,
    /** Worth a look. */
    WARNING,
    /** Something failed. */
    ERROR
}
