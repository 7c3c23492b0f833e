package dev.ternion.objects;

import java.io.IOException;

/** What is stored of a folder is not what was: an object is missing, or has other bytes. Asking again does not help. */
public final class FolderDamage extends IOException {
    private static final long serialVersionUID = 1L;

    FolderDamage(String message) {
        super(message);
    }
}
