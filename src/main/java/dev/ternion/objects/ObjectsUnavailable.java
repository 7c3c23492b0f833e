package dev.ternion.objects;

import java.io.IOException;

/** The object store does not answer, or refuses what it should not: a call that may succeed later, as it is. */
public final class ObjectsUnavailable extends IOException {
    private static final long serialVersionUID = 1L;

    /** Says of what, without a secret. */
    public ObjectsUnavailable(String message, Throwable cause) {
        super(message, cause);
    }
}
