package dev.ternion.backup;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** Writes files that nobody changes into a stream, with the manifest after them. Does not close the stream. */
final class BackupWriter {
    private final OutputStream out;
    private final SortedMap<String, BackupManifest.Entry> files = new TreeMap<>();
    private final byte[] chunk = new byte[1 << 16];

    BackupWriter(OutputStream out) {
        this.out = out;
    }

    void add(String name, Path file) throws IOException {
        TarHeader header = new TarHeader(name, Files.size(file));
        if (!header.isPlain()) {
            throw new BackupException(
                    "\"" + name + "\" cannot be in a backup: wanted names of letters, digits, '.', '_' and '-',"
                            + " at most 100 characters after the last folder");
        }
        MessageDigest digest = Sha256.start();
        out.write(header.bytes());
        long left = header.size();
        try (InputStream in = Files.newInputStream(file)) {
            for (int n = in.read(chunk); n >= 0; n = in.read(chunk)) {
                left -= n;
                if (left >= 0) {
                    digest.update(chunk, 0, n);
                    out.write(chunk, 0, n);
                }
            }
        }
        if (left != 0) {
            throw new BackupException(name + " changed while it was read; make the backup again");
        }
        out.write(new byte[header.padding()]);
        files.put(name, new BackupManifest.Entry(header.size(), Sha256.end(digest)));
    }

    /** Ends the archive; answers its manifest. */
    BackupManifest end(Instant created, String schema, List<String> lacks) throws IOException {
        BackupManifest manifest = new BackupManifest(created, schema, lacks, files);
        byte[] json = manifest.toJson();
        if (json.length > BackupManifest.LONGEST) {
            throw new BackupException(files.size() + " files are too many for one backup");
        }
        add(BackupManifest.NAME, json);
        add(BackupManifest.DIGEST_NAME, BackupManifest.digestFile(json));
        out.write(new byte[2 * TarHeader.BLOCK]);
        return manifest;
    }

    private void add(String name, byte[] content) throws IOException {
        TarHeader header = new TarHeader(name, content.length);
        out.write(header.bytes());
        out.write(content);
        out.write(new byte[header.padding()]);
    }
}
