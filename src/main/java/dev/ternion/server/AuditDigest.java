package dev.ternion.server;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.Message;
import dev.ternion.api.v1.Job;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.util.HexFormat;

/**
 * Digest of a resource for the audit log: SHA-256 of the message that a Get of it answers, in protobuf's deterministic form. Of a job
 * without what changes though nobody calls: place, reason, progress, run time, number of its events.
 */
final class AuditDigest {
    private AuditDigest() {}

    static String of(Message resource) {
        Message kept = resource instanceof Job job
                ? job.toBuilder()
                        .clearQueuePosition()
                        .clearStateReason()
                        .clearProgress()
                        .clearRunTime()
                        .clearLastSequence()
                        .build()
                : resource;
        byte[] bytes = new byte[kept.getSerializedSize()];
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        out.useDeterministicSerialization();
        try {
            kept.writeTo(out);
        } catch (IOException e) {
            throw new UncheckedIOException(e); // the array is as long as the message
        }
        MessageDigest sha256 = UploadFolder.sha256();
        return HexFormat.of().formatHex(sha256.digest(bytes));
    }
}
