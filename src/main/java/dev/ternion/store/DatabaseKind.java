package dev.ternion.store;

import java.util.Map;

/** What the two databases call differently, and what one of them alone has; all other SQL is the same text. */
enum DatabaseKind {
    SQLITE(Map.of(
            "identity",
            "INTEGER PRIMARY KEY AUTOINCREMENT",
            "bytes",
            "BLOB",
            "key",
            "INTEGER PRIMARY KEY",
            "random",
            "lower(hex(randomblob(16)))")) {
        @Override
        String[] migrations() {
            return new String[] {COMMON};
        }
    },
    POSTGRESQL(Map.of(
            "identity",
            "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
            "bytes",
            "BYTEA",
            "key",
            "BIGINT PRIMARY KEY",
            "random",
            "replace(CAST(gen_random_uuid() AS TEXT), '-', '')")) {
        @Override
        String[] migrations() {
            return new String[] {COMMON, "classpath:db/postgresql"};
        }
    };

    private static final String COMMON = "classpath:db/migration";

    private final Map<String, String> words;

    DatabaseKind(Map<String, String> words) {
        this.words = words;
    }

    /** Placeholders of the migrations. */
    Map<String, String> words() {
        return words;
    }

    /** Where migrations lie. */
    abstract String[] migrations();
}
