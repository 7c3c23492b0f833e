package dev.ternion.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ternion.tensor.Op;
import dev.ternion.tensor.ops.Add;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class OpCatalogueTest {
    @Test
    void holdsEveryOperation() throws Exception {
        Set<String> written = new TreeSet<>();
        Path folder = Path.of(Add.class.getResource("Add.class").toURI()).getParent();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.filter(f -> f.toString().endsWith(".class")).toList()) {
                String name = file.getFileName().toString().replace(".class", "");
                Class<?> type = Class.forName(Add.class.getPackageName() + "." + name);
                if (Op.class.isAssignableFrom(type) && type.isRecord()) {
                    written.add(name);
                }
            }
        }
        assertThat(written).hasSizeGreaterThanOrEqualTo(20);
        assertThat(OpCatalogue.all().stream().map(c -> c.op().getSimpleName()).collect(Collectors.toSet()))
                .containsExactlyInAnyOrderElementsOf(written);
    }
}
