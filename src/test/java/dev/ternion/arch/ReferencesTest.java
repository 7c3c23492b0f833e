package dev.ternion.arch;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Every key that a comment cites has an entry in {@code src/docs/REFERENCES.md}, and every entry a user. */
class ReferencesTest {
    /** Special tokens of BERT: written like keys, but none. */
    private static final Set<String> TOKENS = Set.of("CLS", "SEP", "PAD", "UNK", "MASK");

    private static final String NOTES = "performance.md";
    private static final Pattern KEY = Pattern.compile("\\[([A-Z][A-Z0-9-]+)]|(performance\\.md)");

    /** A key and what follows it: "1.3", "2.3, 4.3", "section 1", "sections 8 and 10". */
    private static final Pattern SECTIONS = Pattern.compile(
            "(?:\\[([A-Z][A-Z0-9-]+)]|(performance\\.md)),? (?:sections? )?(\\d[\\d.]*(?:(?:, | and )\\d[\\d.]*)*)");

    private static final Pattern NUMBER = Pattern.compile("\\d+(?:\\.\\d+)*");
    private static final Pattern FILE = Pattern.compile("`((?:src|native|proto)/[^`]+)`");

    /** Key to the files whose comments cite it, and to the sections cited. */
    private static final Map<String, Set<String>> USERS = new TreeMap<>();

    private static final Map<String, Set<String>> CITED = new TreeMap<>();

    /** Key to the text of its entry. */
    private static final Map<String, String> ENTRIES = new TreeMap<>();

    @BeforeAll
    static void readAll() {
        List<Path> files = new ArrayList<>(Repository.files("src/main/java", ".java"));
        files.addAll(Repository.files("native", ".h", ".cpp"));
        files.addAll(Repository.files("proto", ".proto"));
        files.forEach(ReferencesTest::readFile);
        for (String part : ("\n" + Repository.read("src/docs/REFERENCES.md")).split("\n## ")) {
            if (part.startsWith("[")) {
                ENTRIES.put(part.substring(1, part.indexOf(']')), part);
            }
        }
    }

    @Test
    void keysInCode_haveAnEntry() {
        assertThat(ENTRIES.keySet()).containsAll(USERS.keySet());
    }

    @Test
    void entries_areUsed() {
        assertThat(USERS.keySet()).containsAll(ENTRIES.keySet());
    }

    @Test
    void sectionsInCode_areHeadingsOfTheEntry() {
        Set<String> missing = new TreeSet<>();
        CITED.forEach((key, sections) -> sections.stream()
                .filter(section -> !ENTRIES.getOrDefault(key, "").contains("\n### " + section + " "))
                .forEach(section -> missing.add("[" + key + "] " + section)));
        assertThat(missing).isEmpty();
    }

    @Test
    void entries_nameSourceAndFilesThatCiteThem() {
        ENTRIES.forEach((key, text) -> {
            assertThat(text).as("year in the entry of %s", key).containsPattern("\\b(19|20)\\d\\d\\b");
            if (!key.equals(NOTES)) {
                assertThat(text).as("link in the entry of %s", key).contains("<https://");
            }
            List<String> files =
                    FILE.matcher(text).results().map(found -> found.group(1)).toList();
            assertThat(files).as("files in the entry of %s", key).isNotEmpty();
            assertThat(USERS.get(key)).as("users of %s", key).containsAll(files);
        });
    }

    private static void readFile(Path file) {
        String comments = comments(Repository.read(file));
        Matcher key = KEY.matcher(comments);
        while (key.find()) {
            if (!TOKENS.contains(name(key))) {
                USERS.computeIfAbsent(name(key), k -> new TreeSet<>()).add(Repository.name(file));
            }
        }
        Matcher cited = SECTIONS.matcher(comments);
        while (cited.find()) {
            Matcher number = NUMBER.matcher(cited.group(3));
            while (number.find() && !TOKENS.contains(name(cited))) {
                CITED.computeIfAbsent(name(cited), k -> new TreeSet<>()).add(number.group());
            }
        }
    }

    private static String name(Matcher found) {
        return found.group(1) == null ? found.group(2) : found.group(1);
    }

    /** The comments of a source file in one line, so that a citation may go on in the next. */
    private static String comments(String source) {
        StringBuilder text = new StringBuilder();
        for (String line : source.split("\n")) {
            String stripped = line.strip();
            int slashes = stripped.indexOf("//");
            if (stripped.startsWith("*") || stripped.startsWith("/*")) {
                text.append(stripped.replaceFirst("^/?\\*+", "")).append(' ');
            } else if (slashes >= 0) {
                text.append(stripped.substring(slashes).replaceFirst("^/+", "")).append(' ');
            }
        }
        return text.toString().replaceAll(" +", " ");
    }
}
