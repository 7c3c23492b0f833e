package dev.ternion.arch;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.ArchConfiguration;
import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.Location;
import dev.ternion.cli.Cli;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The rules of {@code src/docs/ARCHITECTURE.md}. */
class ArchitectureTest {
    /** Rows that compute: what they do is a function of what they are handed. */
    private static final Set<String> PURE = Set.of("jobs", "recipe", "training", "model", "data");

    private static final Set<String> GRPC =
            Set.of("server", "worker.grpc", "cli", "api.v1", "api.internal.v1", PackageTable.ROOT);

    /** Reaching for time, randomness or a thread's sleep. */
    private static final Set<String> REACHES = Set.of(
            "java.lang.System.nanoTime",
            "java.lang.System.currentTimeMillis",
            "java.time.Instant.now",
            "java.time.Clock.systemUTC",
            "java.time.Clock.systemDefaultZone",
            "java.util.Random.<init>",
            "java.util.concurrent.ThreadLocalRandom.current",
            "java.util.UUID.randomUUID",
            "java.lang.Math.random",
            "java.lang.Thread.sleep");

    private static PackageTable table;
    private static Collection<JavaClass> classes;

    @BeforeAll
    static void readAll() throws URISyntaxException {
        ArchConfiguration.get().setResolveMissingDependenciesFromClassPath(false);
        Path main = Path.of(
                Cli.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        classes = new ClassFileImporter()
                .withImportOption(ArchitectureTest::isOfInterest).importPath(main.resolve("dev/ternion")).stream()
                        .toList();
        table = PackageTable.read();
    }

    @Test
    void packages_areTheRowsOfTheTable() {
        Set<String> found = new TreeSet<>();
        for (JavaClass type : classes) {
            String row = table.rowOf(type.getPackageName());
            assertThat(row).as("row of the table for %s", type.getName()).isNotNull();
            found.add(row);
        }
        assertThat(found).containsExactlyInAnyOrderElementsOf(table.rows());
        assertThat(table.unknownNames()).isEmpty();
    }

    @Test
    void imports_areThoseOfTheTable() {
        Set<String> broken = new TreeSet<>();
        dependencies(found -> found.startsWith(PackageTable.TOP + ".") || found.equals(PackageTable.TOP))
                .forEach(found -> {
                    String from = table.rowOf(found.getOriginClass().getPackageName());
                    String to = table.rowOf(found.getTargetClass().getPackageName());
                    if (to == null || !table.allows(from, to)) {
                        broken.add(from + " -> " + to + ": " + found.getDescription());
                    }
                });
        assertThat(broken).isEmpty();
    }

    @Test
    void table_hasNoCycle() {
        for (String row : table.rows()) {
            if (!Set.of("backend", "backend.jni").contains(row)) {
                assertThat(reachable(row)).as("what %s reaches", row).doesNotContain(row);
            }
        }
    }

    @Test
    void bytedeco_isNamedByBackendOnly() {
        assertThat(users("org.bytedeco.")).isSubsetOf("backend", "backend.jni");
    }

    @Test
    void contractOperations_areCalledByTensorOnly() {
        Set<String> users = new TreeSet<>();
        for (JavaClass type : classes) {
            if (type.getAccessesFromSelf().stream()
                    .anyMatch(access -> access.getTargetOwner().getPackageName().equals("dev.ternion.backend.jni"))) {
                users.add(table.rowOf(type.getPackageName()));
            }
        }
        assertThat(users).isSubsetOf("backend", "backend.jni", "tensor");
    }

    @Test
    void grpc_staysAtTheEdge() {
        assertThat(users("io.grpc.")).isSubsetOf(GRPC);
    }

    @Test
    void api_namesSpecsOnly() {
        Set<String> broken = new TreeSet<>();
        Set<String> specs = Set.of("recipe", "training", "intervention", "quant", "data");
        dependencies(name -> name.startsWith(PackageTable.TOP + ".")).forEach(found -> {
            JavaClass target = found.getTargetClass();
            boolean spec = target.isRecord() || target.isEnum() || target.isInterface();
            if (table.rowOf(found.getOriginClass().getPackageName()).equals("api")
                    && specs.contains(table.rowOf(target.getPackageName()))
                    && !spec) {
                broken.add(found.getDescription());
            }
        });
        assertThat(broken).isEmpty();
    }

    @Test
    void timeAndRandomness_areHandedIn() {
        Set<String> broken = new TreeSet<>();
        for (JavaClass type : classes) {
            if (PURE.contains(table.rowOf(type.getPackageName()))) {
                accesses(type, REACHES::contains).forEach(broken::add);
            }
        }
        assertThat(broken).isEmpty();
    }

    @Test
    void exit_isCalledByMainOnly() {
        for (JavaClass type : classes) {
            if (!type.getName().equals("dev.ternion.Main")) {
                assertThat(accesses(type, Set.of("java.lang.System.exit", "java.lang.Runtime.halt")::contains))
                        .isEmpty();
            }
        }
    }

    @Test
    void everyPackage_saysWhatItIs() {
        Set<String> silent = new TreeSet<>();
        for (Path file : Repository.files("src/main/java", ".java")) {
            if (!Files.exists(file.resolveSibling("package-info.java"))) {
                silent.add(Repository.name(file.getParent()));
            }
        }
        assertThat(silent).isEmpty();
    }

    /** Generated messages name each other only, and are half of all classes; of them the services are read. */
    private static boolean isOfInterest(Location file) {
        return !file.contains("/api/v1/") || file.contains("ServiceGrpc.class");
    }

    private static List<Dependency> dependencies(Predicate<String> wanted) {
        return classes.stream()
                .flatMap(type -> type.getDirectDependenciesFromSelf().stream())
                .filter(found -> wanted.test(found.getTargetClass().getPackageName()))
                .filter(found -> !found.getTargetClass().isArray())
                .toList();
    }

    /** Rows that name a type of a package that begins so. */
    private static Set<String> users(String prefix) {
        return dependencies(name -> name.startsWith(prefix)).stream()
                .map(found -> table.rowOf(found.getOriginClass().getPackageName()))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static List<String> accesses(JavaClass type, Predicate<String> forbidden) {
        return type.getAccessesFromSelf().stream()
                .filter(access -> forbidden.test(access.getTargetOwner().getName() + "."
                        + access.getTarget().getName()))
                .map(JavaAccess::getDescription)
                .toList();
    }

    private static Set<String> reachable(String row) {
        Set<String> seen = new TreeSet<>();
        List<String> open = List.copyOf(step(row));
        while (!open.isEmpty()) {
            seen.addAll(open);
            open = open.stream()
                    .flatMap(next -> step(next).stream())
                    .filter(next -> !seen.contains(next))
                    .distinct()
                    .toList();
        }
        return seen;
    }

    private static Set<String> step(String row) {
        return table.mayImport(row).contains("everything") ? Set.of() : table.mayImport(row);
    }
}
