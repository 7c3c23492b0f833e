package dev.ternion.data;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;

/** The tokens of a vocab.txt, one a line, the id of each its line's number from 0. Takes twelve bytes for each beside the text. */
final class Vocabulary {
    /** Tokens; multilingual BERT has 120,000. */
    private static final int MOST_TOKENS = 200_000;

    private final byte[] text;
    private final int[] starts;

    /**
     * @param text lines in UTF-8, ended by LF or CRLF
     * @throws IOException for a token that is there twice, and for too many
     */
    Vocabulary(byte[] text) throws IOException {
        this.text = text;
        this.starts = starts(text);
        requireEachOnce();
    }

    /** Where each line begins, and where one after the last would. */
    private static int[] starts(byte[] text) throws IOException {
        boolean open = text.length > 0 && text[text.length - 1] != '\n';
        int lines = open ? 1 : 0;
        for (byte b : text) {
            lines += b == '\n' ? 1 : 0;
        }
        if (lines > MOST_TOKENS) {
            throw new IOException("vocab.txt has " + lines + " tokens, wanted at most " + MOST_TOKENS);
        }
        int[] starts = new int[lines + 1];
        int line = 0;
        for (int i = 0; i < text.length; i++) {
            if (text[i] == '\n') {
                starts[++line] = i + 1;
            }
        }
        starts[lines] = open ? text.length + 1 : text.length;
        return starts;
    }

    /** Number of tokens. */
    int size() {
        return starts.length - 1;
    }

    /** The token of an id. */
    String token(int id) {
        return new String(text, starts[id], length(id), StandardCharsets.UTF_8);
    }

    private int length(int id) {
        int end = starts[id + 1] - 1;
        boolean carriageReturn = end < text.length && end > starts[id] && text[end - 1] == '\r';
        return end - starts[id] - (carriageReturn ? 1 : 0);
    }

    /** The id of a token, or -1. */
    int id(String token) {
        byte[] wanted = token.getBytes(StandardCharsets.UTF_8);
        for (int id = 0; id < size(); id++) {
            if (Arrays.equals(text, starts[id], starts[id] + length(id), wanted, 0, wanted.length)) {
                return id;
            }
        }
        return -1;
    }

    /** Tokens are compared by their digests' first 64 bits, of which nobody makes two equal. */
    private void requireEachOnce() throws IOException {
        MessageDigest sha = DatasetDigest.sha256();
        long[] digests = new long[size()];
        for (int id = 0; id < digests.length; id++) {
            digests[id] = digest(sha, id);
        }
        Arrays.sort(digests);
        for (int i = 1; i < digests.length; i++) {
            if (digests[i] == digests[i - 1]) {
                throw twice(sha, digests[i]);
            }
        }
    }

    private long digest(MessageDigest sha, int id) {
        sha.update(text, starts[id], length(id));
        return ByteBuffer.wrap(sha.digest()).getLong();
    }

    private IOException twice(MessageDigest sha, long digest) {
        int id = size() - 1;
        while (digest(sha, id) != digest) {
            id--;
        }
        return new IOException("vocab.txt has " + RowProblems.quote(token(id)) + " again in line " + (id + 1)
                + ", wanted each token once");
    }
}
