package dev.ternion.arch;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.ArchConfiguration;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import dev.ternion.cli.Cli;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Nothing that is read can name code to run: no deserialization of objects, scripts, shells or reflection. */
class NoCodeFromInputTest {
    /** Types that make objects or run code by what they read. */
    private static final List<String> NEVER = List.of(
            "java.io.ObjectInputStream",
            "java.io.ObjectInput",
            "java.io.Externalizable",
            "java.beans.XMLDecoder",
            "javax.script.",
            "javax.naming.",
            "java.rmi.",
            "java.lang.reflect.",
            "java.lang.ClassLoader",
            "java.net.URLClassLoader",
            "java.lang.invoke.MethodHandles",
            "java.util.ServiceLoader",
            "sun.misc.",
            "org.yaml.snakeyaml.",
            "org.codehaus.groovy.");

    private static final Set<String> CALLS = Set.of(
            "java.lang.Class.forName",
            "java.lang.Class.newInstance",
            "java.lang.Class.getDeclaredConstructor",
            "java.lang.Class.getConstructor",
            "java.lang.Class.getMethod",
            "java.lang.Class.getDeclaredMethod",
            "java.lang.Runtime.exec",
            "com.fasterxml.jackson.databind.ObjectMapper.enableDefaultTyping",
            "com.fasterxml.jackson.databind.ObjectMapper.activateDefaultTyping",
            "com.fasterxml.jackson.databind.cfg.MapperBuilder.activateDefaultTyping");

    /** Who starts processes, from fixed words and the options of the person at the terminal. */
    private static final Set<String> STARTS_PROCESSES = Set.of(
            "dev.ternion.cli.ServerProcess -> java.lang.ProcessBuilder",
            "dev.ternion.worker.ProcessWorkers -> java.lang.ProcessBuilder");

    private static Collection<JavaClass> classes;

    @BeforeAll
    static void readAll() throws URISyntaxException {
        ArchConfiguration.get().setResolveMissingDependenciesFromClassPath(false);
        Path main = Path.of(
                Cli.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        classes = new ClassFileImporter()
                        .withImportOption(file -> !file.contains("/api/v1/") && !file.contains("/backend/jni/"))
                        .importPath(main.resolve("dev/ternion"))
                        .stream()
                        .toList();
        assertThat(classes).hasSizeGreaterThan(300);
    }

    private static Set<String> users(Predicate<String> type) {
        Set<String> found = new TreeSet<>();
        for (JavaClass from : classes) {
            from.getDirectDependenciesFromSelf().stream()
                    .filter(use -> type.test(use.getTargetClass().getName()))
                    .forEach(use -> found.add(
                            from.getName() + " -> " + use.getTargetClass().getName()));
        }
        return found;
    }

    @Test
    void typesThatRunWhatTheyRead_areNotUsed() {
        assertThat(users(name -> NEVER.stream()
                        .anyMatch(never -> never.endsWith(".") ? name.startsWith(never) : name.equals(never))))
                .isEmpty();
    }

    @Test
    void callsThatNameCode_areNotMade() {
        Set<String> found = new TreeSet<>();
        for (JavaClass from : classes) {
            from.getAccessesFromSelf().stream()
                    .filter(access -> CALLS.contains(access.getTargetOwner().getName() + "."
                            + access.getTarget().getName()))
                    .forEach(access -> found.add(access.getDescription()));
        }
        assertThat(found).isEmpty();
    }

    @Test
    void processes_areStartedByNamedClassesOnly() {
        assertThat(users("java.lang.ProcessBuilder"::equals)).containsExactlyInAnyOrderElementsOf(STARTS_PROCESSES);
    }
}
