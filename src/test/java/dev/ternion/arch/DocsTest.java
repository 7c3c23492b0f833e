package dev.ternion.arch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ternion.cli.Cli;
import dev.ternion.cli.FakeAccess;
import dev.ternion.cli.FakeEngine;
import dev.ternion.cli.FakeFolders;
import dev.ternion.cli.Launcher;
import dev.ternion.cli.RunningServer;
import dev.ternion.cli.ServeOptions;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What README and {@code src/docs} claim. */
class DocsTest {
    private static final Pattern COMMAND = Pattern.compile("bin/ternion +([a-z].*)");
    private static final Pattern LINK = Pattern.compile("]\\(([^)#]+)(?:#[^)]*)?\\)");
    private static final Pattern PATH = Pattern.compile("`((?:src|native|proto|bin)/[A-Za-z0-9_./-]+)`");
    private static final Pattern PROFILE = Pattern.compile("mvnw .*-P([a-z-]+)");
    private static final Pattern TEST = Pattern.compile("`([A-Z][A-Za-z0-9]+(?:IT|Test))`");
    private static final Pattern NAME = Pattern.compile("`([A-Za-z0-9_]+)`");
    private static final Pattern EXIT = Pattern.compile(" +(\\d+) +(\\S.*)");
    private static final Map<List<String>, String> HELP = new HashMap<>();
    private static final Set<String> GROUPS = Set.of("models", "datasets", "jobs", "tokens", "audit");

    @Test
    void readme_showsTheTranscript() {
        assertThat(Repository.between(Repository.read("README.md"), "transcript"))
                .isEqualTo("```\n" + Repository.read("src/docs/quickstart-transcript.txt") + "```\n");
    }

    @Test
    void readme_showsAJobFile() {
        assertThat(Repository.between(Repository.read("README.md"), "job"))
                .isEqualTo("```yaml\n" + Repository.read("src/examples/quickstart-qat.yaml") + "```\n");
    }

    @Test
    void readme_listsTheExitCodes() {
        Map<String, String> written = new LinkedHashMap<>();
        String text = Repository.read("README.md");
        Repository.table(text.substring(text.indexOf("| exit code |"), text.indexOf("## Map")))
                .forEach(row -> written.put(row.get(0), row.get(1)));
        assertThat(written).isEqualTo(exitCodes()).hasSizeGreaterThan(5);
    }

    @Test
    void commands_existWithTheirOptions() {
        Set<String> commands = new TreeSet<>();
        documents().forEach(file -> commands.addAll(commands(Repository.read(file))));
        Repository.files("src/examples", ".yaml").forEach(file -> commands.addAll(commands(Repository.read(file))));
        assertThat(commands).hasSizeGreaterThan(15);
        commands.forEach(DocsTest::check);
    }

    @Test
    void mavenProfiles_exist() {
        String pom = Repository.read("pom.xml");
        List<String> named = PROFILE.matcher(Repository.read("README.md"))
                .results()
                .map(found -> found.group(1))
                .toList();
        assertThat(named).isNotEmpty().allSatisfy(name -> assertThat(pom).contains("<id>" + name + "</id>"));
    }

    @Test
    void linksAndPaths_exist() {
        Set<String> missing = new TreeSet<>();
        for (Path file : documents()) {
            String text = Repository.read(file);
            LINK.matcher(text).results().map(found -> found.group(1)).forEach(target -> {
                if (!target.startsWith("http") && !Files.exists(file.resolveSibling(target))) {
                    missing.add(Repository.name(file) + ": " + target);
                }
            });
            PATH.matcher(text).results().map(found -> found.group(1)).forEach(path -> {
                if (!path.startsWith("src/docs/benchmarks")
                        && !Files.exists(Repository.root().resolve(path))) {
                    missing.add(Repository.name(file) + ": " + path);
                }
            });
        }
        assertThat(missing).isEmpty();
    }

    @Test
    void testsThatAreNamed_exist() {
        Set<String> tests = Repository.files("src/test/java", ".java").stream()
                .map(file -> file.getFileName().toString().replace(".java", ""))
                .collect(Collectors.toSet());
        for (String file :
                List.of("src/docs/OPERATIONS.md", "src/docs/GUARANTEES.md", "src/docs/plans/0004-service.md")) {
            Set<String> named = TEST.matcher(Repository.read(file))
                    .results()
                    .map(found -> found.group(1))
                    .collect(Collectors.toCollection(TreeSet::new));
            assertThat(named).as(file).hasSizeGreaterThan(5);
            assertThat(tests).as(file).containsAll(named);
        }
    }

    @Test
    void documents_nameNoMachine() {
        for (Path file : documents()) {
            assertThat(Repository.read(file)).as(file.toString()).doesNotContain("/home/", "/root/", "/tmp/", "/work/");
        }
    }

    @Test
    void glossary_usesTheNamesOfTheCode() {
        Set<String> proto = words(Repository.files("proto", ".proto"));
        Set<String> contract = words(Repository.files("native/include", ".h"));
        Set<String> classes = Repository.files("src/main/java", ".java").stream()
                .map(file -> file.getFileName().toString().replace(".java", ""))
                .collect(Collectors.toSet());
        List<List<String>> rows = Repository.table(Repository.read("src/docs/GLOSSARY.md"));
        assertThat(rows).hasSizeGreaterThan(40);
        for (List<String> row : rows) {
            assertThat(row).as("cells of %s", row.get(0)).hasSize(5);
            assertThat(proto).as("proto name of %s", row.get(0)).containsAll(names(row.get(2)));
            assertThat(classes).as("Java name of %s", row.get(0)).containsAll(names(row.get(3)));
            assertThat(contract).as("C++ name of %s", row.get(0)).containsAll(names(row.get(4)));
        }
        assertThat(rows.stream().map(row -> row.get(0))).doesNotHaveDuplicates();
    }

    @Test
    void architecture_namesEntryClassesThatExist() {
        String text = Repository.between(Repository.read("src/docs/ARCHITECTURE.md"), "packages");
        for (List<String> row : Repository.table(text)) {
            String name = row.get(0).replace("`", "");
            String entry = row.get(2).replace("`", "");
            String folder = "dev/ternion" + (name.equals(PackageTable.ROOT) ? "" : "/" + name.replace('.', '/'));
            boolean generated =
                    Set.of("api.v1", "api.internal.v1", "backend.jni").contains(name);
            List<Path> found = Repository.files("src/main/java/" + folder, entry + ".java");
            assertThat(generated || !found.isEmpty())
                    .as("%s of %s", entry, name)
                    .isTrue();
        }
    }

    @Test
    void licence_isApache2() {
        assertThat(Repository.read("LICENSE")).contains("Apache License", "Version 2.0, January 2004");
        assertThat(Repository.read("pom.xml")).contains("<name>Apache-2.0</name>");
        assertThat(Repository.read("src/main/resources/quickstart/NOTICE")).contains("MIT License");
    }

    private static List<Path> documents() {
        List<Path> files = new ArrayList<>(Repository.files("src/docs", ".md", ".txt"));
        files.removeIf(file -> Repository.name(file).startsWith("src/docs/benchmarks"));
        files.add(Repository.root().resolve("README.md"));
        return files;
    }

    /** What follows {@code bin/ternion} in a text, up to the end of the line or of the code span. */
    private static List<String> commands(String text) {
        String joined = text.replaceAll("\\\\\n[# ]*", "");
        return COMMAND.matcher(joined)
                .results()
                .map(found -> found.group(1)
                        .replaceFirst("`.*", "")
                        .replaceFirst(" +#.*", "")
                        .strip())
                .toList();
    }

    private static void check(String command) {
        String[] words = command.split("\\s+");
        List<String> name = new ArrayList<>(List.of(words[0]));
        if (GROUPS.contains(words[0]) && words.length > 1) {
            name.add(words[1]);
        }
        String help = help(name);
        assertThat(help).as("help of %s", name).contains("Usage: ternion " + String.join(" ", name));
        Set<String> options = Pattern.compile("(?<![\\w-])--?[a-z][a-z-]*")
                .matcher(help)
                .results()
                .map(MatchResult::group)
                .collect(Collectors.toCollection(HashSet::new));
        Stream.of(words)
                .filter(word -> word.matches("--?[a-z].*"))
                .map(word -> word.replaceFirst("=.*", ""))
                .forEach(option -> assertThat(options).as("options of %s", name).contains(option));
    }

    private static String help(List<String> name) {
        return HELP.computeIfAbsent(name, DocsTest::askForHelp);
    }

    private static String askForHelp(List<String> name) {
        List<String> arguments = new ArrayList<>(name);
        arguments.add("--help");
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        PrintStream print = new PrintStream(out, true, StandardCharsets.UTF_8);
        int code = Cli.run(
                arguments.toArray(String[]::new),
                new NoServers(),
                new FakeEngine(),
                new FakeFolders(),
                new FakeAccess(),
                print,
                print);
        String text = out.toString(StandardCharsets.UTF_8);
        assertThat(code).as(text).isZero();
        return text;
    }

    private static Map<String, String> exitCodes() {
        Map<String, String> codes = new LinkedHashMap<>();
        String help = help(List.of());
        String last = null;
        for (String line :
                help.substring(help.indexOf("Exit codes:")).lines().skip(1).toList()) {
            Matcher exit = EXIT.matcher(line);
            if (exit.matches()) {
                last = exit.group(1);
                codes.put(last, exit.group(2).strip());
            } else if (!line.isBlank()) {
                codes.merge(last, line.strip(), (text, more) -> text + " " + more);
            }
        }
        return codes;
    }

    private static Set<String> words(List<Path> files) {
        Set<String> words = new HashSet<>();
        Pattern word = Pattern.compile("\\w+");
        files.forEach(file -> word.matcher(Repository.read(file))
                .results()
                .map(MatchResult::group)
                .forEach(words::add));
        return words;
    }

    private static List<String> names(String cell) {
        return NAME.matcher(cell).results().map(found -> found.group(1)).toList();
    }

    /** Help needs no server. */
    private static final class NoServers implements Launcher {
        @Override
        public RunningServer start(ServeOptions options) {
            throw new AssertionError("help starts no server");
        }

        @Override
        public void work(Path dataFolder, int threads, boolean jsonLog, Optional<URI> traces) {
            throw new AssertionError("help starts no worker");
        }
    }
}
