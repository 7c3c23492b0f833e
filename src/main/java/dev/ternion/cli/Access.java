package dev.ternion.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** What commands do with the tokens and the audit log of a data folder, beside a server or without one; given by the composition root. */
public interface Access {
    /**
     * Makes a token.
     *
     * @throws BadOption when an option is not what it may be
     */
    Made createToken(Path dataFolder, String name, String role, String project, Duration life) throws IOException;

    /** All tokens, oldest first. */
    List<Entry> tokens(Path dataFolder) throws IOException;

    /** Takes a token back; whether there is one with this id. */
    boolean revokeToken(Path dataFolder, String id) throws IOException;

    /**
     * Reads the audit log.
     *
     * @param seq number of a line that was noted earlier; 0 for none
     * @param hash its hash
     */
    AuditFindings verifyAudit(Path dataFolder, long seq, String hash) throws IOException;

    /**
     * What reading the audit log found.
     *
     * @param lines lines read
     * @param seq number of the last one
     * @param hash of the last one
     * @param findings what is wrong; empty when nothing is
     */
    record AuditFindings(long lines, long seq, String hash, List<String> findings) {}

    /** An option is not what it may be; the message says what is wanted. */
    final class BadOption extends RuntimeException {
        private static final long serialVersionUID = 1L;

        /** The message is shown as it is. */
        public BadOption(String message) {
            super(message);
        }
    }

    /**
     * A new token.
     *
     * @param entry its entry in the list
     * @param secret what its holder sends; known here and now alone
     */
    record Made(Entry entry, String secret) {
        @Override
        public String toString() {
            return "Made[" + entry.id() + "]";
        }
    }

    /**
     * A token in the list.
     *
     * @param id names it
     * @param name who or what uses it
     * @param role what it allows
     * @param project where
     * @param created when it was made
     * @param expires when it ends by itself
     * @param state good, expired or revoked
     */
    record Entry(String id, String name, String role, String project, Instant created, Instant expires, String state) {}
}
