package dev.ternion.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ternion.store.PostgresSettings.SslMode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PostgresSettingsTest {
    private static final String SECRET = "hunter2";

    @TempDir
    Path folder;

    private PostgresSettings read(String json, Map<String, String> environment) throws IOException {
        return PostgresSettings.read(Files.writeString(folder.resolve("database.json"), json), environment::get);
    }

    @Test
    void everyFieldIsRead() throws Exception {
        Files.writeString(folder.resolve("secret"), SECRET + "\n");
        Path root = Files.writeString(folder.resolve("ca.pem"), "");
        PostgresSettings settings = read("""
                {"url": "postgresql://db.example.com:6543/jobs%20of%20us", "user": "ternion", "password_file": "secret",
                 "ssl_mode": "verify-ca", "ssl_root": "ca.pem"}
                """, Map.of(PostgresSettings.PASSWORD, "not this one"));
        assertThat(settings)
                .isEqualTo(new PostgresSettings(
                        "db.example.com",
                        6543,
                        "jobs of us",
                        "ternion",
                        Optional.of(SECRET),
                        SslMode.VERIFY_CA,
                        Optional.of(root)));
        assertThat(settings.toString())
                .isEqualTo("postgresql://db.example.com:6543/jobs of us as ternion")
                .doesNotContain(SECRET);
    }

    @Test
    void whatIsLeftOutIsUsual() throws Exception {
        PostgresSettings settings =
                read("{\"url\": \"postgres://db/jobs\", \"user\": \"u\"}", Map.of(PostgresSettings.PASSWORD, SECRET));
        assertThat(settings.port()).isEqualTo(5432);
        assertThat(settings.password()).contains(SECRET);
        assertThat(settings.ssl()).isEqualTo(SslMode.VERIFY_FULL);
        assertThat(read("{\"url\": \"postgresql://db/jobs\", \"user\": \"u\"}", Map.of())
                        .password())
                .isEmpty();
    }

    /** A name that only looks like this machine is another one. */
    @ParameterizedTest
    @CsvSource({
        "localhost, DISABLE",
        "127.0.0.1, DISABLE",
        "[::1], DISABLE",
        "localhost.example.com, VERIFY_FULL",
        "127.0.0.1.nip.io, VERIFY_FULL",
        "10.0.0.1, VERIFY_FULL"
    })
    void plainTextIsForThisMachineAlone(String host, SslMode mode) throws Exception {
        assertThat(read("{\"url\": \"postgresql://" + host + "/jobs\", \"user\": \"u\"}", Map.of())
                        .ssl())
                .isEqualTo(mode);
    }

    /** Each with what its message says; none says the secret, wherever it stands. */
    @Test
    void badOnesAreRefusedWithoutWhatTheyHold() throws Exception {
        Files.writeString(folder.resolve("two-lines"), SECRET + "\n" + SECRET);
        Files.writeString(folder.resolve("empty"), "\n");
        Files.writeString(folder.resolve("long"), SECRET.repeat(1000));
        String url = "\"url\": \"postgresql://db/jobs\", \"user\": \"u\"";
        Map.ofEntries(
                        Map.entry("", "wanted a JSON object"),
                        Map.entry("null", "it is empty"),
                        Map.entry("[]", "wanted a JSON object"),
                        Map.entry(SECRET, "wanted a JSON object of texts, each field once, see line 1"),
                        Map.entry("{" + url + ", " + url + "}", "each field once"),
                        Map.entry("{" + url + "} " + SECRET, "wanted a JSON object"),
                        Map.entry("{" + url + ", \"password\": \"" + SECRET + "\"}", "field password is not known"),
                        Map.entry("{" + url + ", \"password_file\": {\"" + SECRET + "\": 1}}", "of texts"),
                        Map.entry("{" + url + ", \"ssl_mode\": \"prefer\"}", "ssl_mode is none; wanted disable"),
                        Map.entry("{" + url + ", \"ssl_root\": \"gone.pem\"}", "which cannot be read"),
                        Map.entry("{" + url + ", \"password_file\": \"gone\"}", "gone is not there"),
                        Map.entry("{" + url + ", \"password_file\": \"empty\"}", "holds no password"),
                        Map.entry("{" + url + ", \"password_file\": \"two-lines\"}", "wanted one line"),
                        Map.entry("{" + url + ", \"password_file\": \"long\"}", "has more than 1024 bytes"),
                        Map.entry("{\"user\": \"u\"}", "url: wanted postgresql://HOST"),
                        Map.entry("{\"url\": \"postgresql://db/jobs\"}", "user is missing"),
                        Map.entry(withUrl("postgresql://u:" + SECRET + "@db/jobs"), "without user, password"),
                        Map.entry(withUrl("postgresql://u:" + SECRET + " @db/jobs"), "without user, password"),
                        Map.entry(withUrl("postgresql://db/jobs?password=" + SECRET), "without user, password"),
                        Map.entry(withUrl("jdbc:postgresql://db/jobs"), "wanted postgresql://HOST"),
                        Map.entry(withUrl("postgresql://db"), "wanted postgresql://HOST"),
                        Map.entry(withUrl("postgresql://db/"), "wanted postgresql://HOST"),
                        Map.entry(withUrl("postgresql:///jobs"), "wanted postgresql://HOST"))
                .forEach((json, message) -> assertThatThrownBy(() -> read(json, Map.of()))
                        .as(json)
                        .isInstanceOf(IOException.class)
                        .hasMessageContaining(folder.toString())
                        .hasMessageContaining(message)
                        .hasMessageNotContaining(SECRET));
        assertThatThrownBy(() -> PostgresSettings.read(folder.resolve("gone.json"), key -> null))
                .hasMessageContaining("gone.json is not there");
    }

    private static String withUrl(String url) {
        return "{\"url\": \"" + url + "\", \"user\": \"u\"}";
    }
}
