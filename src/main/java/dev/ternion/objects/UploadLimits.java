package dev.ternion.objects;

import java.time.Duration;

/**
 * What uploads of all clients together may take.
 *
 * @param uploads that may be there, finalized ones too
 * @param bytes of their sizes
 * @param bytesEach of one
 * @param life time after the last commit until an upload is removed
 */
public record UploadLimits(int uploads, long bytes, long bytesEach, Duration life) {
    /** 100 uploads, 64 GiB, 16 GiB each, a day. */
    public static final UploadLimits DEFAULT = new UploadLimits(100, 64L << 30, 16L << 30, Duration.ofDays(1));
}
