package dev.ternion.arch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The quickstart's transcript has the shape of what {@code dev.ternion.cli} prints; its figures are of one run. */
class TranscriptTest {
    private static final String FILE = "src/docs/quickstart-transcript.txt";

    /** Other lines: their shape, and what of them stands in the sources of the command line. */
    private static final Map<Pattern, List<String>> OTHERS = Map.of(
            Pattern.compile("\\$ bin/ternion quickstart.*"), List.of("quickstart"),
            Pattern.compile("Server at [\\d.]+:\\d+, pid \\d+, log ternion-data/quickstart-1/server\\.log"),
                    List.of("Server at ", ", pid ", ", log ", "ternion-data/quickstart-", "server.log"),
            Pattern.compile("Encoder \\S+: ENCODER, \\d+ layers, hidden \\d+, \\d+ heads"),
                    List.of("Encoder ", " layers, hidden ", " heads"),
            Pattern.compile("Data set \\S+: \\d+ headlines to train on, \\d+ to evaluate on; \\w+ or \\w+"),
                    List.of("Data set ", " headlines to train on, ", " to evaluate on; ", " or "),
            Pattern.compile("1/2  Fine-tuning the teacher \\(full precision\\)"),
                    List.of("1/2  Fine-tuning the teacher (full precision)"),
            Pattern.compile("2/2  Training the ternary student, without and with Teacher Intervention"),
                    List.of("2/2  Training the ternary student, without and with Teacher Intervention"),
            Pattern.compile("Job job-[0-9a-f]+ SUCCEEDED\\."), List.of("Job ", " SUCCEEDED."),
            Pattern.compile("Next:|  bin/ternion .*"), List.of("Next:", "  bin/ternion serve"));

    @Test
    void events_arePrintedSoToday() {
        List<String> lines = lines();
        int events = 0;
        for (String line : lines) {
            String again = TranscriptLines.again(line);
            if (again != null) {
                assertThat(line).isEqualTo(again);
                events++;
            }
        }
        assertThat(events).isGreaterThan(20);
    }

    @Test
    void table_isPrintedSoToday() {
        List<String> table = tableLines();
        assertThat(table).hasSizeGreaterThan(4);
        assertThat(table).isEqualTo(TranscriptTable.again(table));
    }

    @Test
    void otherLines_haveTheirShape() {
        String sources = Repository.files("src/main/java/dev/ternion/cli", ".java").stream()
                .map(Repository::read)
                .collect(Collectors.joining());
        List<String> table = tableLines();
        for (String line : lines()) {
            if (line.isEmpty() || table.contains(line) || TranscriptLines.again(line) != null) {
                continue;
            }
            List<String> pieces = OTHERS.entrySet().stream()
                    .filter(other -> other.getKey().matcher(line).matches())
                    .findFirst()
                    .orElseThrow(() -> new AssertionError("a line that the quickstart does not print: " + line))
                    .getValue();
            assertThat(sources).contains(pieces);
        }
    }

    @Test
    void transcript_isWholeAndInOrder() {
        String text = Repository.read(FILE);
        assertThat(text)
                .containsSubsequence(
                        "$ bin/ternion quickstart",
                        "Server at",
                        "Encoder ",
                        "Data set ",
                        "1/2 ",
                        "fine-tuning",
                        "SUCCEEDED",
                        "2/2 ",
                        "intervention (",
                        "with the intervention: ",
                        "saving (",
                        "SUCCEEDED",
                        "teacher  ",
                        "(CONTROL)",
                        "(INTERVENTION)",
                        "[",
                        "Next:");
    }

    private static List<String> lines() {
        return Repository.read(FILE).lines().toList();
    }

    private static List<String> tableLines() {
        List<String> table = new ArrayList<>();
        for (String line : lines()) {
            if (TranscriptTable.isHead(line) || !table.isEmpty() && !line.isEmpty()) {
                table.add(line);
            } else if (!table.isEmpty()) {
                break;
            }
        }
        return table;
    }
}
