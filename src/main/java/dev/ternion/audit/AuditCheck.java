package dev.ternion.audit;

import dev.ternion.audit.AuditFolder.Head;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Reads a log from its first line and finds what was altered, removed, added between or put in another order. */
public final class AuditCheck {
    /** Findings told at most. */
    private static final int MOST = 20;

    private final AuditFolder folder;
    private final List<String> findings = new ArrayList<>();
    /** Hashes that lines must have, by number. */
    private final Map<Long, String> known = new TreeMap<>();

    private long lines;
    private Head last = new Head(0, AuditLine.FIRST);

    private AuditCheck(Path dataFolder) {
        this.folder = AuditFolder.in(dataFolder);
    }

    /**
     * What was found.
     *
     * @param lines lines read
     * @param seq number of the last one
     * @param hash of the last one
     * @param findings what is wrong; empty when nothing is
     */
    public record Result(long lines, long seq, String hash, List<String> findings) {}

    /**
     * Reads the log of a data folder. A last line that a kill has cut, and that nobody was told of, is passed over.
     *
     * @param seq number of a line that was noted earlier, elsewhere; 0 for none
     * @param hash its hash
     */
    public static Result of(Path dataFolder, long seq, String hash) throws IOException {
        AuditCheck check = new AuditCheck(dataFolder);
        if (seq > 0) {
            check.known.put(seq, hash);
        }
        return check.run();
    }

    private Result run() throws IOException {
        Head head = folder.head();
        int expected = 1;
        List<Integer> numbers = folder.numbers();
        for (int number : numbers) {
            if (number != expected) {
                find(folder.file(expected) + " is missing");
            }
            expected = number + 1;
        }
        if (head != null) {
            String noted = known.put(head.seq(), head.hash());
            if (noted != null && !noted.equals(head.hash())) {
                find("line " + head.seq() + " has another hash than was noted");
            }
        } else if (!numbers.isEmpty() || !known.isEmpty()) {
            find("the file head is missing or damaged");
        }
        for (int number : numbers) {
            read(folder.file(number), number == numbers.get(numbers.size() - 1));
        }
        known.forEach((seq, hash) -> find("line " + seq + " is missing: the log ends with line " + last.seq()));
        return new Result(lines, last.seq(), last.hash(), List.copyOf(findings));
    }

    private void read(Path file, boolean newest) throws IOException {
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
            int inFile = 0;
            ByteArrayOutputStream line = new ByteArrayOutputStream();
            for (int next = in.read(); next >= 0; next = in.read()) {
                if (next != '\n') {
                    if (line.size() <= AuditLine.LONGEST) {
                        line.write(next);
                    }
                    continue;
                }
                inFile++;
                take(line.toString(StandardCharsets.UTF_8), file + ", line " + inFile);
                line.reset();
            }
            if (line.size() > 0 && !newest) {
                find(file + " ends within a line");
            }
        }
    }

    private void take(String text, String where) {
        lines++;
        AuditLine line = AuditLine.parse(text);
        if (line == null) {
            find(where + ": no line of an audit log");
            return;
        }
        if (!line.isWhole()) {
            find(where + ": altered");
        } else if (line.seq() != last.seq() + 1) {
            find(where + ": number " + line.seq() + ", wanted " + (last.seq() + 1));
        } else if (!line.prev().equals(last.hash())) {
            find(where + ": does not follow the line before, which was altered");
        }
        last = new Head(line.seq(), line.hash());
        String wanted = known.remove(line.seq());
        if (wanted != null && !wanted.equals(line.hash())) {
            find(where + ": has another hash than was noted");
        }
    }

    private void find(String finding) {
        if (findings.size() < MOST) {
            findings.add(finding);
        }
    }
}
