package dev.ternion.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** A file that holds one secret, for its owner alone. */
final class SecretFile {
    private static final int LONGEST = 8 << 10;

    private SecretFile() {}

    /** Writes a new file that no other user can read; never over one that is there. */
    static void write(Path file, String secret) throws IOException {
        Set<StandardOpenOption> fresh = Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        try (OutputStream out = Channels.newOutputStream(Files.newByteChannel(
                file, fresh, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))))) {
            out.write((secret + "\n").getBytes(StandardCharsets.UTF_8));
        }
    }

    /** The secret in a file, which may end in white space. */
    static String read(Path file) throws IOException {
        byte[] bytes;
        try (var in = Files.newInputStream(file)) {
            bytes = in.readNBytes(LONGEST + 1);
        }
        String secret = new String(bytes, StandardCharsets.UTF_8).strip();
        if (bytes.length > LONGEST || secret.isEmpty() || !secret.chars().allMatch(c -> c > ' ' && c < 127)) {
            throw new CliException(ExitCode.USAGE, file + " holds no token; wanted one line of visible ASCII");
        }
        return secret;
    }
}
