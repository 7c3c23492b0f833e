package dev.ternion.backup;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** Reads a backup. Every bit of it must be what {@link BackupWriter} writes; only then is it a backup. */
final class BackupReader {
    private final InputStream in;
    private final Files files;
    private final byte[] block = new byte[TarHeader.BLOCK];
    private final byte[] chunk = new byte[1 << 16];
    private final SortedMap<String, BackupManifest.Entry> seen = new TreeMap<>();
    private long position;

    /** Where files go. */
    interface Files {
        /** A new file; the name is plain, with plain folders above it. */
        OutputStream create(String name) throws IOException;
    }

    BackupReader(InputStream in, Files files) {
        this.in = in;
        this.files = files;
    }

    /**
     * Reads to the end.
     *
     * @throws BackupException naming what is damaged; files may have been given out before
     */
    BackupManifest read() throws IOException {
        TarHeader header = header();
        while (!header.name().equals(BackupManifest.NAME)) {
            if (seen.containsKey(header.name()) || header.name().equals(BackupManifest.DIGEST_NAME)) {
                throw damaged(header.name(), "is there where it should not be");
            }
            try (OutputStream out = files.create(header.name())) {
                seen.put(header.name(), copy(header, out));
            }
            header = header();
        }
        byte[] json = content(header, BackupManifest.LONGEST);
        TarHeader last = header();
        byte[] wanted = BackupManifest.digestFile(json);
        if (!last.name().equals(BackupManifest.DIGEST_NAME) || !Arrays.equals(wanted, content(last, wanted.length))) {
            throw damaged(BackupManifest.NAME, "has not the SHA-256 that follows it");
        }
        for (int i = 0; i < 2; i++) {
            fill(block, block.length, "the end");
            requireZeros(block.length, "the end");
        }
        if (in.read() >= 0) {
            throw damaged("the end", "is followed by more");
        }
        BackupManifest manifest = BackupManifest.of(json);
        compare(manifest.files());
        return manifest;
    }

    private void compare(Map<String, BackupManifest.Entry> wanted) throws BackupException {
        for (Map.Entry<String, BackupManifest.Entry> file : wanted.entrySet()) {
            BackupManifest.Entry found = seen.get(file.getKey());
            if (found == null) {
                throw damaged(file.getKey(), "is missing");
            }
            if (!found.equals(file.getValue())) {
                throw damaged(
                        file.getKey(),
                        "has SHA-256 " + found.sha256() + ", wanted "
                                + file.getValue().sha256());
            }
        }
        seen.keySet().removeAll(wanted.keySet());
        if (!seen.isEmpty()) {
            throw damaged(seen.firstKey(), "is not in its manifest");
        }
    }

    private TarHeader header() throws IOException {
        long at = position;
        fill(block, block.length, "the header at byte " + at);
        TarHeader header = TarHeader.of(block);
        if (!header.isPlain() || !Arrays.equals(block, header.bytes())) {
            throw damaged("the header of \"" + header.name() + "\" at byte " + at, "is not one of a backup");
        }
        return header;
    }

    private BackupManifest.Entry copy(TarHeader header, OutputStream out) throws IOException {
        MessageDigest digest = Sha256.start();
        long left = header.size();
        while (left > 0) {
            int n = (int) Math.min(chunk.length, left);
            fill(chunk, n, header.name());
            digest.update(chunk, 0, n);
            out.write(chunk, 0, n);
            left -= n;
        }
        fill(block, header.padding(), header.name());
        requireZeros(header.padding(), header.name());
        return new BackupManifest.Entry(header.size(), Sha256.end(digest));
    }

    private byte[] content(TarHeader header, int longest) throws IOException {
        if (header.size() > longest) {
            throw damaged(header.name(), "has " + header.size() + " bytes, wanted at most " + longest);
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        copy(header, out);
        return out.toByteArray();
    }

    private void fill(byte[] bytes, int length, String what) throws IOException {
        int n = in.readNBytes(bytes, 0, length);
        position += n;
        if (n < length) {
            throw damaged(what, "is cut off at byte " + position);
        }
    }

    private void requireZeros(int length, String what) throws BackupException {
        for (int i = 0; i < length; i++) {
            if (block[i] != 0) {
                throw damaged(what, "is followed by other bytes than were written");
            }
        }
    }

    private static BackupException damaged(String what, String why) {
        return new BackupException("the backup is damaged: " + what + " " + why);
    }
}
