package dev.ternion.cli;

/**
 * One line of `doctor`.
 *
 * @param status how it is
 * @param name what was checked, for example "native library"
 * @param detail what was seen
 * @param advice what to do; empty when OK
 */
public record Check(Status status, String name, String detail, String advice) {
    /** How it is. */
    public enum Status {
        /** Good. */
        OK,
        /** Works, but not as it should. */
        WARN,
        /** Does not work. */
        FAIL
    }

    /** All is well. */
    public static Check ok(String name, String detail) {
        return new Check(Status.OK, name, detail, "");
    }

    /** Works, but not as it should. */
    public static Check warn(String name, String detail, String advice) {
        return new Check(Status.WARN, name, detail, advice);
    }

    /** Does not work. */
    public static Check fail(String name, String detail, String advice) {
        return new Check(Status.FAIL, name, detail, advice);
    }
}
