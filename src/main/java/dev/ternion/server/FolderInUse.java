package dev.ternion.server;

import java.io.IOException;

/** Another server works on the data folder. */
public final class FolderInUse extends IOException {
    private static final long serialVersionUID = 1L;

    FolderInUse(String message) {
        super(message);
    }
}
