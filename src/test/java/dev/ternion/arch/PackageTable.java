package dev.ternion.arch;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** The package table of {@code src/docs/ARCHITECTURE.md}: the rule and its only statement. */
final class PackageTable {
    static final String TOP = "dev.ternion";
    static final String ROOT = "(root)";

    /** Row name to the names it may import. */
    private final Map<String, Set<String>> mayImport = new LinkedHashMap<>();

    static PackageTable read() {
        PackageTable table = new PackageTable();
        String text = Repository.between(Repository.read("src/docs/ARCHITECTURE.md"), "packages");
        Repository.table(text)
                .forEach(row -> table.mayImport.put(row.get(0).replace("`", ""), imports(row.get(row.size() - 1))));
        return table;
    }

    private static Set<String> imports(String cell) {
        return cell.startsWith("nothing")
                ? Set.of()
                : Arrays.stream(cell.replace("`", "").split(","))
                        .map(String::strip)
                        .collect(Collectors.toSet());
    }

    Set<String> rows() {
        return mayImport.keySet();
    }

    Set<String> mayImport(String row) {
        return mayImport.get(row);
    }

    /** The row of a package: the longest name that it begins with; null if there is none. */
    String rowOf(String javaPackage) {
        if (javaPackage.equals(TOP)) {
            return ROOT;
        }
        String name = javaPackage.substring(TOP.length() + 1);
        return mayImport.keySet().stream()
                .filter(row -> name.equals(row) || name.startsWith(row + "."))
                .max((a, b) -> a.length() - b.length())
                .orElse(null);
    }

    boolean allows(String from, String to) {
        return from.equals(to)
                || mayImport(from).contains("everything")
                || mayImport(from).contains(to);
    }

    /** Names in the last column that are no row. */
    Set<String> unknownNames() {
        Set<String> unknown = new TreeSet<>();
        mayImport.values().forEach(unknown::addAll);
        unknown.removeAll(mayImport.keySet());
        unknown.remove("everything");
        return unknown;
    }
}
